"""Complete truth tables of the three-valued logic. Source: strong Kleene logic, Kleene 1952."""

from itertools import product

import pytest

from sctrial.kleene import Answer, all_of, any_of, at_least, negate

Y, N, U = Answer.MET, Answer.NOT_MET, Answer.NOT_EVALUABLE

# fmt: off
#      a  b   a and b  a or b
PAIRS = [
    (Y, Y,  Y,       Y),
    (Y, U,  U,       Y),
    (Y, N,  N,       Y),
    (U, Y,  U,       Y),
    (U, U,  U,       U),
    (U, N,  N,       U),
    (N, Y,  N,       Y),
    (N, U,  N,       U),
    (N, N,  N,       N),
]
# Two of three: the answer by how many are met, not evaluable, not met.
TWO_OF_THREE = {
    (3, 0, 0): Y, (2, 1, 0): Y, (2, 0, 1): Y,
    (1, 2, 0): U, (1, 1, 1): U, (1, 0, 2): N,
    (0, 3, 0): U, (0, 2, 1): U, (0, 1, 2): N, (0, 0, 3): N,
}
# fmt: on


TRIPLES = list(product(Answer, repeat=3))


def test_the_table_is_complete() -> None:
    assert {pair[:2] for pair in PAIRS} == set(product(Answer, repeat=2))


@pytest.mark.parametrize(("a", "b", "both", "either"), PAIRS)
def test_and_and_or_follow_the_table(a: Answer, b: Answer, both: Answer, either: Answer) -> None:
    assert all_of([a, b]) is both
    assert any_of([a, b]) is either


@pytest.mark.parametrize(("answer", "opposite"), [(Y, N), (N, Y), (U, U)])
def test_not_turns_the_answer_and_leaves_the_unknown(answer: Answer, opposite: Answer) -> None:
    assert negate(answer) is opposite


@pytest.mark.parametrize("answers", TRIPLES)
def test_two_of_three_follow_the_table(answers: tuple[Answer, ...]) -> None:
    counts = (answers.count(Y), answers.count(U), answers.count(N))

    assert at_least(answers, n=2) is TWO_OF_THREE[counts]


@pytest.mark.parametrize("answers", TRIPLES)
@pytest.mark.parametrize("n", [0, 1, 2, 3, 4])
def test_an_answer_is_certain_exactly_when_every_filling_of_the_gaps_agrees(
    answers: tuple[Answer, ...], n: int
) -> None:
    fillings = product(*((Y, N) if answer is U else (answer,) for answer in answers))
    outcomes = {sum(answer is Y for answer in filling) >= n for filling in fillings}
    expected = {frozenset({True}): Y, frozenset({False}): N}.get(frozenset(outcomes), U)

    assert at_least(answers, n=n) is expected


@pytest.mark.parametrize("answers", TRIPLES)
def test_de_morgan_holds(answers: tuple[Answer, ...]) -> None:
    assert negate(all_of(answers)) is any_of(negate(answer) for answer in answers)


def test_the_three_answers_are_stored_under_these_names() -> None:
    assert [answer.value for answer in Answer] == ["met", "not_met", "not_evaluable"]
