"""Questions and stored answers in the words of a member of staff: short, in English, never interpreted."""

from collections.abc import Mapping
from datetime import UTC, datetime
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo

from apps.diary.models import ORIGINATORS, DiaryAnswer, DiaryEntry
from apps.diary.models.captured import Captured
from apps.diary.wording import region_label, wording
from apps.trials.models import StimulationTrial
from sctrial.questions import QUESTIONS
from sctrial.scales import SCALES, TARGET, ScaleCode

#: What is written over a column of answers.
SHORT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "sleep": "Sleep",
        "goal_activity": "Own goal",
        "analgesics": "Analgesics",
        "stimulation_use": "Stimulation",
        "sensation": "Sensation",
        "stated_relief": "Stated relief",
        "go_ahead": "Go ahead?",
        "global_change": "Global change",
        "trial_satisfaction": "Satisfied",
        "red_flags": "Warning signs",
        "note": "Note",
    }
)
WARNING_SIGNS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "fever": "fever",
        "wound": "wound",
        "weakness": "new weakness or numbness",
        "bladder": "bladder or bowel",
        "standing_headache": "headache on standing",
        "shocks": "shocks",
    }
)
BY_WHOM: Final[Mapping[str, str]] = MappingProxyType(
    {
        "patient": "by the patient",
        "proxy": "by a caregiver",
        "staff": "by staff",
        "import": "from a file",
    }
)
CORRECTION: Final = "Staff, correcting an answer"


def origin_words(row: Captured) -> str:
    """Who gave it; whoever reads the row marks with ``is_correction`` what is no answer of its own."""
    return CORRECTION if getattr(row, "is_correction", False) else ORIGINATORS[row.originator]


def codes_in(text: str) -> list[str]:
    """The codes of a field such as ``other_regions``: "back, left_leg"."""
    return [part.strip() for part in text.split(",") if part.strip()]


def question_words(question: str) -> str:
    """What was asked: "Average pain, target" for ``target.average``, "Sleep" for ``sleep``."""
    region, dot, kind = question.partition(".")
    if not dot:
        return SHORT[question]
    where = "target" if region == TARGET else region_label(region, language="en")
    return f"{kind.capitalize()} pain, {where}"


def question_of_body(body: Mapping[str, Any]) -> str:
    return f"{body['region']}.{body['kind']}" if "region" in body else str(body["question"])


def body_words(body: Mapping[str, Any], *, trial: StimulationTrial) -> str:
    """What a parked answer says, in the words its row would have had."""
    if "region" in body:
        return score_words(body["value"], scale=trial.scale)
    return answer_words(body["question"], body["answer"])


def row_words(row: DiaryEntry | DiaryAnswer) -> str:
    return row.score if isinstance(row, DiaryEntry) else answer_words(row.question, row.answer)


def score_words(units: int, *, scale: str) -> str:
    """Stored units on their own scale: 7, or 3.2."""
    return f"{float(Fraction(units, SCALES[ScaleCode(scale)].per_point)):g}"


def answer_words(question: str, answer: Mapping[str, Any]) -> str:
    return _WORDS[QUESTIONS[question].form.value](question, answer)


def _number(question: str, answer: Mapping[str, Any]) -> str:
    return f"{answer['number']} %" if question == "stated_relief" else f"{answer['number']}"


def _choice(question: str, answer: Mapping[str, Any]) -> str:
    return choice_label(question, answer["choice"])


def _choices(question: str, answer: Mapping[str, Any]) -> str:
    return ", ".join(WARNING_SIGNS[code] for code in answer["choices"]) or "none"


def _text(question: str, answer: Mapping[str, Any]) -> str:
    return str(answer["text"])


def choice_label(question: str, code: str) -> str:
    """The label that the patient sees, in English."""
    return wording("en").questions[question]["choices"][code]


_WORDS = {"number": _number, "choice": _choice, "choices": _choices, "text": _text}


def local_time(instant: datetime, *, zone: str) -> datetime:
    """``instant`` on the patient's own clock; in UTC where this machine does not know the zone."""
    try:
        return instant.astimezone(ZoneInfo(zone))
    except (LookupError, ValueError, OSError):
        return instant.astimezone(UTC)


def moment_words(instant: datetime, *, zone: str) -> str:
    """Mon 12 Oct 2026 20:14 (Europe/Berlin)."""
    local = local_time(instant, zone=zone)
    place = zone if local.tzinfo is not UTC else "UTC"
    return f"{local:%a} {local.day} {local:%b %Y %H:%M} ({place})"
