"""A question is a plain query string, read exactly."""

from datetime import date

import pytest

from apps.cohorts.question import BadQuestion, CohortQuestion, Order, read_question

FULL = (
    "from=2026-01-01&to=2026-12-31&modality=SCS&scale=nrs_11&diagnosis=M96.1&waveform=hf10&device=Invented+One"
    "&order=first&rule_set=MAC_NORIDIAN&clinic=2&clinic=7"
)


def test_a_full_question_is_read_and_written_back() -> None:
    question = read_question(FULL)

    assert question == CohortQuestion(
        placed_from=date(2026, 1, 1),
        placed_to=date(2026, 12, 31),
        modality="SCS",
        scale="nrs_11",
        diagnosis="M96.1",
        waveform="hf10",
        device="Invented One",
        order=Order.FIRST,
        rule_set="MAC_NORIDIAN",
        clinics=(2, 7),
    )
    assert question.query == FULL


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("", ""),
        ("modality=&order=&from=", ""),
        ("clinic=7&clinic=2&clinic=7", "clinic=2&clinic=7"),
        ("diagnosis=m96.1", "diagnosis=M96.1"),
        ("order=repeat&modality=DRG", "modality=DRG&order=repeat"),
    ],
)
def test_equal_questions_have_one_text(text: str, query: str) -> None:
    assert read_question(text).query == query
    assert read_question(query) == read_question(text)


@pytest.mark.parametrize(
    ("text", "name", "remedy"),
    [
        ("from=01.02.2026", "from", "write it as 2026-10-31"),
        ("from=20260201", "from", "write it as 2026-10-31"),
        ("to=2026-02-30", "to", "write it as 2026-10-31"),
        ("from=2026-02-02&to=2026-02-01", "to", "exchange the two"),
        ("modality=scs", "modality", "one of SCS, DRG"),
        ("diagnosis=back pain", "diagnosis", "write M54 or M96.1"),
        ("diagnosis=%25", "diagnosis", "write M54 or M96.1"),
        ("scale=nrs", "scale", "one of nrs_11, vas_100"),
        ("waveform=sinus", "waveform", "one of tonic, burst"),
        ("device=" + "x" * 81, "device", "at most 80"),
        ("device=a%00b", "device", "printable"),
        ("order=second", "order", "one of first, repeat"),
        ("rule_set=../etc", "rule_set", "such as MAC_NORIDIAN"),
        ("clinic=north", "clinic", "number of a clinic"),
        ("clinic=0", "clinic", "number of a clinic"),
        ("clinic=9223372036854775808999", "clinic", "number of a clinic"),
        ("modality=SCS&modality=DRG", "modality", "give it once"),
        ("colour=red", "colour", "write one of from, to"),
    ],
)
def test_a_value_that_cannot_be_read_names_its_parameter_and_the_remedy(
    text: str, name: str, remedy: str
) -> None:
    with pytest.raises(BadQuestion) as caught:
        read_question(text)

    assert list(caught.value.errors) == [name]
    assert remedy in str(caught.value)


def test_every_bad_parameter_is_named_at_once() -> None:
    with pytest.raises(BadQuestion) as caught:
        read_question("from=x&modality=y&order=z")

    assert set(caught.value.errors) == {"from", "modality", "order"}


def test_a_question_can_be_read_by_people() -> None:
    assert read_question("modality=SCS&order=first").words == "modality SCS, first trials of patients"
    assert read_question("").words == "every trial"
