"""What was known of the made-up patients before their trials. Every course, number and result is invented."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from apps.patients.models import (
    BeforeTrial,
    ConservativeTherapy,
    Diagnosis,
    EligibilityReview,
    PainRegions,
    Patient,
    PriorAuthorisation,
)
from apps.patients.services import Act, keep
from apps.workspace.demo.cast import SOUTH
from apps.workspace.demo.plot import Story


@dataclass(frozen=True)
class Course:
    """``first`` and ``last`` are weeks before the leads; ``last`` None is a procedure or goes on."""

    kind: str
    agent: str
    first: int
    last: int | None
    outcome: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Background:
    code: str
    regions: tuple[str, ...]
    courses: tuple[Course, ...]
    #: None: nobody has written a review.
    review: Mapping[str, Any] | None


TRIED: Final = (
    Course("gabapentinoid", "gabapentin", 90, 70, "no_effect", {"dose_mg": 1800, "weeks_at_dose": 12}),
    Course("snri", "duloxetine", 68, 64, "intolerance", {"dose_mg": 60}),
    Course("physical_therapy", "supervised programme", 60, 44, "no_effect", {"sessions": 20}),
    Course(
        "radiofrequency",
        "",
        40,
        None,
        "wore_off",
        {
            "positive_blocks": 2,
            "block_relief": 80,
            "relief": 60,
            "relief_weeks": 14,
            "level": "made-up level",
        },
    ),
)
TOO_LITTLE: Final = (
    Course("gabapentinoid", "gabapentin", 40, 30, "no_effect", {"dose_mg": 600, "weeks_at_dose": 6}),
    Course("physical_therapy", "walking", 20, 17, "no_effect", {}),
    Course("behavioural", "pacing", 20, None, "", {"sessions": 4}),
)
LOOKED_AT: Final = {
    "adult": True,
    "neuropathic_origin": True,
    "pain_duration_months": 36,
    "untreated_substance_use": False,
    "multidisciplinary_team": True,
    "facilities_available": True,
    "patient_educated": True,
    "nothing_untried": True,
    "contraindications": {"pregnancy": False, "infection": False, "anticoagulant": False},
    "psych_evaluator": "made-up licence",
    "psych_result": "cleared",
    "anticoagulant": "none",
    "mrsa_result": "negative",
    "active_infection": False,
    "smoker": False,
}
HALF_LOOKED_AT: Final = {
    "adult": True,
    "neuropathic_origin": True,
    "pain_duration_months": 14,
    "contraindications": {"anticoagulant": True},
    "anticoagulant": "no_plan",
}
READY: Final = Background("M96.1", ("low_back", "lower_leg_left"), TRIED, LOOKED_AT)
HALF_READY: Final = Background("G89.4", ("low_back",), TOO_LITTLE, HALF_LOOKED_AT)
UNREADY: Final = Background("G90.59", ("foot_right",), (), None)
#: By pseudonym; all others are ready.
OTHERS: Final = {
    "N-04": HALF_READY,
    "S-01": HALF_READY,
    "N-05": UNREADY,
    "S-04": UNREADY,
    **dict.fromkeys(("N-14", "S-11", "S-14"), replace(READY, code="G90.59", regions=("foot_right",))),
}


def background_of(story: Story) -> Background:
    return OTHERS.get(story.pseudonym, READY)


def write_background(story: Story, *, patient: Patient, act: Act) -> None:
    for model, values in rows_of(story):
        keep(model, patient, values=values, act=act)


def rows_of(story: Story) -> list[tuple[type[BeforeTrial], dict[str, Any]]]:
    known = background_of(story)
    found: list[tuple[type[BeforeTrial], dict[str, Any]]] = [
        (Diagnosis, {"code": known.code, "body_region": known.regions[0]}),
        (PainRegions, {"regions": list(known.regions)}),
    ]
    found += [(ConservativeTherapy, _course(story, course)) for course in known.courses]
    if known.review is not None:
        found.append((EligibilityReview, _review(story, known.review)))
    if known is READY and story.clinic is SOUTH:
        ends = story.leads_on + timedelta(days=60)
        authorisation = {"payer": "Demo payer", "number": f"DEMO-{story.pseudonym}", "expires_on": ends}
        found.append((PriorAuthorisation, authorisation))
    return found


def _course(story: Story, course: Course) -> dict[str, Any]:
    ended = None if course.last is None else story.leads_on - timedelta(weeks=course.last)
    return {
        "kind": course.kind,
        "agent": course.agent,
        "started_on": story.leads_on - timedelta(weeks=course.first),
        "ended_on": ended,
        "outcome": course.outcome,
        "note": "invented",
        **course.values,
    }


def _review(story: Story, said: Mapping[str, Any]) -> dict[str, Any]:
    day = story.leads_on - timedelta(days=14)
    dated = {"reviewed_on": day}
    if said.get("psych_result"):
        dated |= {"psych_on": day - timedelta(days=30), "mrsa_on": day}
    return {**said, **dated}
