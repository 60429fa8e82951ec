"""What an eligibility review says, in words."""

from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from apps.patients.models import EligibilityReview
from apps.workspace.before_forms import CHECKLIST
from sctrial.checklist import ANTICOAGULANTS, MRSA_RESULTS, PSYCH_RESULTS, PsychResult, present_words


def plain(value: Any) -> str:
    """A number without the zeros that the database keeps behind the point."""
    return format(value.normalize(), "f") if isinstance(value, Decimal) else str(value)


def review_lines(review: EligibilityReview) -> list[tuple[str, str]]:
    """What the review says, in pairs for a list."""
    absolute, relative, unasked = present_words(review.contraindications)
    return [
        *((_label(name), _answer(getattr(review, name))) for name in CHECKLIST),
        ("Absolute contraindications", "; ".join(absolute) or "none recorded as present"),
        ("Relative contraindications", "; ".join(relative) or "none recorded as present"),
        ("Contraindications not asked", str(unasked)),
        ("Psychological evaluation", _psychology(review)),
        ("Anticoagulants", _anticoagulant(review)),
        ("Infection screen", _infection(review)),
    ]


def _label(name: str) -> str:
    words = str(getattr(EligibilityReview._meta.get_field(name), "verbose_name", name))
    return f"{words[0].upper()}{words[1:]}"


def _answer(value: Any) -> str:
    return (
        {None: "not recorded", True: "yes", False: "no"}[value]
        if value in (None, True, False)
        else plain(value)
    )


def _psychology(review: EligibilityReview) -> str:
    if review.psych_on is None:
        return "not recorded"
    result = PSYCH_RESULTS[PsychResult(review.psych_result)] if review.psych_result else "no result yet"
    parts = [f"{result}, {review.psych_on}", review.psych_evaluator, review.psych_conditions]
    if review.psych_expires_on:
        parts.append(f"valid until {review.psych_expires_on}")
    return "; ".join(filter(None, parts))


def _anticoagulant(review: EligibilityReview) -> str:
    if not review.anticoagulant:
        return "not recorded"
    parts = [ANTICOAGULANTS[review.anticoagulant], review.anticoagulant_agents]
    for words, moment in (("last dose", review.hold_from), ("restart", review.restart_at)):
        if moment is not None:
            zone = ZoneInfo(review.patient.clinic.zone)
            parts.append(f"{words} {moment.astimezone(zone):%Y-%m-%d %H:%M} ({zone})")
    if review.anticoagulant_approved_by:
        parts.append(f"agreed with {review.anticoagulant_approved_by}")
    return "; ".join(filter(None, parts))


def _infection(review: EligibilityReview) -> str:
    screen = MRSA_RESULTS.get(review.mrsa_result, "not recorded")
    day = f" on {review.mrsa_on}" if review.mrsa_on else ""
    hba1c = "not recorded" if review.hba1c is None else f"{plain(review.hba1c)} %"
    return (
        f"MRSA {screen.lower()}{day}; active infection: {_answer(review.active_infection)}; "
        f"HbA1c: {hba1c}; smokes: {_answer(review.smoker)}"
    )
