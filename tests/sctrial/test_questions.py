"""What a diary asks beside pain. Source: the project's own table of questions; nothing of it is licensed."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sctrial.facts import GlobalChange
from sctrial.phases import DiaryPhase
from sctrial.questions import (
    GLOBAL_CHANGES,
    LONGEST_TEXT,
    QUESTIONS,
    RED_FLAGS,
    Asked,
    Form,
    NotAnAnswer,
    is_asked,
    read_text,
)

TAKEN: list[tuple[str, Any, Any]] = [
    # question           sent                              stored
    ("sleep", {"number": 0}, {"number": 0}),
    ("sleep", {"number": 10}, {"number": 10}),
    ("stated_relief", {"number": 100}, {"number": 100}),
    ("go_ahead", {"choice": "not_sure"}, {"choice": "not_sure"}),
    ("red_flags", {"choices": []}, {"choices": []}),
    ("red_flags", {"choices": ["shocks", "fever"]}, {"choices": ["fever", "shocks"]}),
    ("note", {"text": "a" * 200}, {"text": "a" * 200}),
    ("note", {"text": "first\nsecond"}, {"text": "first\nsecond"}),
]


@pytest.mark.parametrize(("code", "sent", "stored"), TAKEN)
def test_it_takes_an_answer_of_its_form(code: str, sent: Any, stored: Any) -> None:
    assert QUESTIONS[code].read(sent) == stored


NOT_ITS: dict[tuple[str, str], list[Any]] = {
    ("sleep", "number"): [-1, 11, 7.0, "7", True, None, [7], {}, 10**30],
    ("stated_relief", "number"): [5, 101, 110, -10, 50.0],
    ("go_ahead", "choice"): ["maybe", "YES", "yes ", "", 1, None, ["yes"], {}],
    ("red_flags", "choices"): ["fever", None, {}, ["fever", "fever"], ["pain"], [1], [[]]],
    ("note", "text"): ["", "   ", "a" * 201, None, 7, ["a"], "\u200b", "a\u0000b"],
    ("sleep", "choice"): ["yes"],
    ("go_ahead", "number"): [1],
}
NO_OBJECTS: list[Any] = [None, 7, [], {}, "7", {"Number": 7}, {"number": 7, "choice": "x"}]
REFUSED: list[tuple[str, Any]] = [
    *((code, {form: value}) for (code, form), values in NOT_ITS.items() for value in values),
    *(("sleep", sent) for sent in NO_OBJECTS),
]


@pytest.mark.parametrize(("code", "sent"), REFUSED)
def test_it_refuses_everything_else(code: str, sent: Any) -> None:
    with pytest.raises(NotAnAnswer):
        QUESTIONS[code].read(sent)


ASKED = [
    # question          before the leads   in the trial   from the last planned day
    ("sleep", True, True, True),
    ("goal_activity", True, True, True),
    ("analgesics", True, True, True),
    ("stimulation_use", False, True, True),
    ("sensation", False, True, True),
    ("stated_relief", False, True, True),
    ("go_ahead", False, True, True),
    ("global_change", False, False, True),
    ("trial_satisfaction", False, False, True),
    ("red_flags", False, True, True),
    ("note", False, False, False),
]


@pytest.mark.parametrize(("code", "baseline", "trial", "closing"), ASKED)
def test_a_question_has_its_days(code: str, baseline: bool, trial: bool, closing: bool) -> None:
    question = QUESTIONS[code]

    assert is_asked(question, phase=DiaryPhase.BASELINE, closing=False) is baseline
    assert is_asked(question, phase=DiaryPhase.TRIAL, closing=False) is trial
    assert is_asked(question, phase=DiaryPhase.TRIAL, closing=True) is closing


def test_the_table_of_days_names_every_question() -> None:
    assert [code for code, *_ in ASKED] == list(QUESTIONS)


def test_only_warning_signs_and_notes_are_taken_several_times() -> None:
    assert {code for code, question in QUESTIONS.items() if question.several} == {"red_flags", "note"}
    assert QUESTIONS["note"].asked is Asked.ANY_TIME


def test_a_version_is_the_code_with_dashes() -> None:
    assert QUESTIONS["global_change"].version == "global-change/1"
    assert {question.version.rpartition("/")[2] for question in QUESTIONS.values()} == {"1"}


def test_warning_signs_are_the_six_that_staff_act_on() -> None:
    assert RED_FLAGS == ("fever", "wound", "weakness", "bladder", "standing_headache", "shocks")


def test_global_changes_run_from_best_to_worst_as_the_facts_count_them() -> None:
    steps = {code: GlobalChange(answer=n, best=1).steps for n, code in enumerate(GLOBAL_CHANGES, 1)}

    assert list(steps.values()) == [3, 2, 1, 0, -1, -2, -3]
    assert (steps["no_change"], steps["a_little_better"]) == (0, 1)


UNREADABLE = [
    *[chr(code) for code in (*range(10), *range(11, 32), 127, 0x85, 0x9B)],
    *"\u200b\u200e\u200f\u202a\u202e\u2066\u2069\ufeff\u00ad\u2060\ud800\udfff\ue000\uffff\U000e0001",
]


@pytest.mark.parametrize("char", UNREADABLE, ids=[f"U+{ord(char):04X}" for char in UNREADABLE])
@pytest.mark.parametrize("place", ["{}ab", "a{}b", "ab{}"])
def test_text_holds_no_character_that_hides_or_turns_it(char: str, place: str) -> None:
    with pytest.raises(NotAnAnswer):
        read_text(place.format(char))


EVERY_SCRIPT = [
    "\U0001f600 ok",
    "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",  # Persian, with its joiner
    "\u0928\u094d\u200d",  # Hindi
    "a\u0301",
    "\u6f22",
    "=1+1",
    "{{7*7}}",
]


@pytest.mark.parametrize("text", EVERY_SCRIPT)
def test_text_of_every_script_is_kept_as_it_is(text: str) -> None:
    assert read_text(text) == text


@pytest.mark.parametrize("blank", [" ", "\u00a0", "\u3000", "\n", "\u0301", "\u200d", " \n\u2003 "])
def test_what_cannot_be_seen_is_no_text(blank: str) -> None:
    with pytest.raises(NotAnAnswer):
        read_text(blank)


@given(st.text(max_size=LONGEST_TEXT + 20))
def test_what_is_read_is_what_was_written(text: str) -> None:
    try:
        assert read_text(text) == text
    except NotAnAnswer:
        return
    assert 1 <= len(text) <= LONGEST_TEXT


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(sorted(QUESTIONS)), json_values, st.sampled_from([form.value for form in Form]))
def test_no_json_is_taken_that_its_question_does_not_have(code: str, value: Any, key: str) -> None:
    """Whatever is taken is read again as itself: nothing is coerced on the way in."""
    question = QUESTIONS[code]
    try:
        stored = question.read({key: value})
    except NotAnAnswer:
        return
    assert key == question.form.value
    assert question.read(stored) == stored
    assert type(stored[key]) is type(value)
