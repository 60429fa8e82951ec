"""A saved value is changed with a coded reason, and words that somebody can read."""

from typing import Any

import pytest

from apps.audit.reasons import LONGEST, NoReason, Why, is_said

# fmt: off
WHYS = [
    # code            words            lacking
    ("mistyped",      "8 for 3",       ""),
    ("other",         "x" * LONGEST,   ""),
    ("",              "8 for 3",       "why_code"),
    ("because",       "8 for 3",       "why_code"),
    ("mistyped",      "",              "why"),
    ("mistyped",      " . . ",         "why"),
    ("mistyped",      "x" * 201,       "why"),
]
SAID = [
    # saved      is a value that a new one would take the place of
    (None,       False),
    ("",         False),
    (False,      False),
    (0,          True),
    ("0",        True),
    (True,       True),
    ("success",  True),
]
# fmt: on


@pytest.mark.parametrize(("code", "words", "lacking"), WHYS)
def test_a_reason_has_a_code_and_words(code: str, words: str, lacking: str) -> None:
    why = Why(code, words)

    if not lacking:
        why.check()
        return
    with pytest.raises(NoReason) as refused:
        why.check()
    assert refused.value.field == lacking


@pytest.mark.parametrize(("saved", "is_value"), SAID)
def test_an_empty_field_says_nothing_and_zero_says_something(saved: Any, is_value: bool) -> None:
    assert is_said(saved) == is_value
