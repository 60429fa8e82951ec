"""Tables of what is looked at before the leads go in."""

import pytest

from sctrial.checklist import (
    AFTER_LEADS,
    BODY_REGIONS,
    CLEARANCE,
    CONTRAINDICATIONS,
    DIAGNOSES,
    PSYCH_RESULTS,
    REVIEW_FACTS,
    REVIEW_NUMBER,
    PsychResult,
    is_diagnosis,
    present_words,
    region_words,
    unmarked,
)
from sctrial.eligibility import FACTS


@pytest.mark.parametrize(
    ("code", "is_one"),
    [
        ("M96.1", True),
        ("G90.522", True),
        ("G89.4", True),
        ("I10", True),
        ("M1A.00X0", True),
        ("T85.112A", True),
        ("m96.1", False),
        ("M96.", False),
        ("M961", False),
        ("96.1", False),
        ("M96.12345", False),
        ("M96.1\n", False),
        ("", False),
    ],
)
def test_the_form_of_a_diagnosis(code: str, is_one: bool) -> None:
    assert is_diagnosis(code) is is_one


def test_suggested_diagnoses_have_the_form() -> None:
    assert all(map(is_diagnosis, DIAGNOSES))


def test_every_limb_has_both_sides() -> None:
    lefts = {code.removesuffix("_left") for code in BODY_REGIONS if code.endswith("_left")}
    rights = {code.removesuffix("_right") for code in BODY_REGIONS if code.endswith("_right")}

    assert lefts == rights != set()


def test_regions_are_told_from_head_to_foot() -> None:
    assert region_words(["foot_left", "head"]) == "Head; Foot, left"
    assert region_words([]) == ""


def test_of_a_target_the_unmarked_regions_are_named_from_head_to_foot() -> None:
    assert unmarked(["foot_left", "low_back", "head"], marked=["low_back"]) == ("head", "foot_left")
    assert unmarked(["head"], marked=["head", "neck"]) == ()


def test_contraindications_are_told_by_weight_and_what_was_not_asked_is_counted() -> None:
    absolute, relative, unasked = present_words({"diathermy": True, "pregnancy": False, "infection": True})

    assert absolute == ["therapeutic diathermy is needed"]
    assert relative == ["infection"]
    assert unasked == len(CONTRAINDICATIONS) - 3


def test_every_psychological_result_has_words_and_a_meaning() -> None:
    assert set(PSYCH_RESULTS) == set(CLEARANCE) == set(PsychResult)


def test_a_review_answers_facts_that_payers_ask_for() -> None:
    assert FACTS.keys() >= {*REVIEW_FACTS, REVIEW_NUMBER, *AFTER_LEADS}
