"""Which decision goes against which verdict, cell by cell."""

import pytest

from sctrial.choices import CHOICE_WORDS, MEANING_WORDS, Choice, Meaning, goes_against
from sctrial.verdict import Answer

# fmt: off
AGAINST = [
    # choice              met    not met  not evaluable
    (Choice.IMPLANT,      False, True,    True),
    (Choice.NO_IMPLANT,   True,  False,   True),
    (Choice.REPEAT_TRIAL, False, False,   False),
    (Choice.EXTEND,       False, False,   False),
    (Choice.DEFER,        False, False,   False),
]
# fmt: on


@pytest.mark.parametrize(("choice", "met", "not_met", "not_evaluable"), AGAINST)
def test_a_choice_goes_against_the_answers_that_it_contradicts(
    choice: Choice, met: bool, not_met: bool, not_evaluable: bool
) -> None:
    asked = (Answer.MET, Answer.NOT_MET, Answer.NOT_EVALUABLE)

    assert [goes_against(choice, answer=answer.value) for answer in asked] == [met, not_met, not_evaluable]


def test_every_choice_and_meaning_has_its_words() -> None:
    assert (set(CHOICE_WORDS), set(MEANING_WORDS)) == (set(Choice), set(Meaning))
