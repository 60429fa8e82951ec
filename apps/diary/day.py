"""What the app asks today and on the days to come, so that it can go on asking without a network."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from apps.diary import policies, selectors
from apps.diary.consent import newest_consent
from apps.diary.models import DiaryAnswer, DiaryEntry, PatientDevice
from apps.diary.serializers import clinic_json, receipt_of
from apps.diary.wording import body_words, question_wording
from apps.trials.models import StimulationTrial
from sctrial.phases import DiaryPhase, Phase, diary_phase_of
from sctrial.questions import QUESTIONS, Asked, Form, Question, is_asked
from sctrial.scales import SCALES, TARGET, ScaleCode
from sctrial.schedule import GRACE, Schedule

#: Yesterday for the late answer, and two weeks for a phone that finds no network.
DAYS_AHEAD = 14
CONSENT_VERSION = "diary-consent/1"
STATES = {
    Phase.BASELINE_DIARY: "baseline",
    Phase.LEAD_PLACED: "trial",
    Phase.TRIAL_ACTIVE: "trial",
    Phase.ENDED: "ended",
    Phase.DECISION_PENDING: "ended",
}
NOT_STARTED = frozenset({Phase.REFERRED, Phase.ELIGIBILITY, Phase.AUTHORISED})


@dataclass(frozen=True)
class Asking:
    """One trial as one phone asks it: where it stands, which clock, which language."""

    trial: StimulationTrial
    schedule: Schedule
    zone: str
    language: str
    kinds: tuple[str, ...]
    today: date

    @property
    def state(self) -> str:
        phase = Phase(self.trial.phase)
        if phase in NOT_STARTED or (phase in STATES and self.today < self.trial.diary_from):
            return "not_started"
        return STATES.get(phase, "closed")

    @property
    def regions(self) -> tuple[str, ...]:
        return tuple(part.strip() for part in self.trial.other_regions.split(",") if part.strip())

    @property
    def left_out(self) -> frozenset[str]:
        return frozenset(part.strip() for part in self.trial.left_out.split(",") if part.strip())

    def phase_on(self, day: date) -> DiaryPhase:
        return diary_phase_of(day, lead_placed_on=self.trial.lead_placed_on)

    def asks(self, question: Question, *, on: date) -> bool:
        if question.code in self.left_out or (question.code == "goal_activity" and not self.trial.goal):
            return False
        closing_from = policies.closing_from(self.trial)
        closing = closing_from is not None and on >= closing_from
        return is_asked(question, phase=self.phase_on(on), closing=closing)

    def asks_on(self, day: date) -> list[str]:
        """Keys of the questions of a day: pain first, warning signs last."""
        pain = [f"{TARGET}.{kind}" for kind in self.kinds] + [f"{region}.average" for region in self.regions]
        return pain + [code for code, question in QUESTIONS.items() if self.asks(question, on=day)]


def asking_of(device: PatientDevice, *, zone: str, language: str, at: datetime) -> Asking:
    trial = device.trial
    schedule = policies.schedule_of(trial)
    today = schedule.diary_day(at.astimezone(ZoneInfo(zone)).replace(tzinfo=None))
    return Asking(trial, schedule, zone, language, selectors.kinds_asked(trial, on=today), today)


def today_json(device: PatientDevice, asking: Asking, *, at: datetime) -> dict[str, Any]:
    """Everything but the clock depends on the record and the calendar day only, so it has a tag."""
    days = list(_days(asking))
    return {
        "zone": asking.zone,
        "diary_day": asking.today.isoformat(),
        "language": asking.language,
        "holder": device.holder,
        "trial": _trial_json(asking),
        "consent": _consent_json(asking.trial),
        "progress": _progress_json(asking, at=at),
        "questions": _questions(asking, days=days),
        "days": _with_answers(asking.trial, days),
    }


def tag_of(content: dict[str, Any]) -> str:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def _trial_json(asking: Asking) -> dict[str, Any]:
    trial = asking.trial
    dates = ("diary_from", "lead_placed_on", "planned_end_on", "ended_on")
    return {
        "id": str(trial.id),
        "scale": trial.scale,
        "state": asking.state,
        **{name: _iso(getattr(trial, name)) for name in dates},
        "day_starts_at_hour": trial.day_starts_at_hour,
        "goal": trial.goal,
        "target_area": _area(asking),
        "clinic": clinic_json(trial),
    }


def _area(asking: Asking) -> str:
    """Regions in the patient's language, then the clinic's own words as they are."""
    trial = asking.trial
    return ", ".join(
        filter(None, [*body_words(trial.target_codes, language=asking.language), trial.target_area])
    )


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _consent_json(trial: StimulationTrial) -> dict[str, Any]:
    newest = newest_consent(trial.pk)
    if newest is None:
        return {"state": "needed", "version": CONSENT_VERSION, "language": None, "at": None}
    return {
        "state": newest.decision,
        "version": newest.text_version,
        "language": newest.language,
        "at": newest.captured_at.astimezone(UTC).isoformat(),
    }


def _progress_json(asking: Asking, *, at: datetime) -> dict[str, int]:
    """Days of the running phase with a target score, out of those that are over or answered already."""
    trial = asking.trial
    leads = trial.lead_placed_on
    since = leads if leads is not None and leads <= asking.today else trial.diary_from
    until = min(asking.today, trial.ended_on or asking.today)
    answered = selectors.answered_days(trial.pk, since=since, until=until)
    clock = at.astimezone(ZoneInfo(asking.zone)).replace(tzinfo=None)
    days = [since + timedelta(days=n) for n in range((until - since).days + 1)]
    over = {day for day in days if max(closes for _, _, closes in asking.schedule.times_on(day)) <= clock}
    return {"answered_days": len(answered), "closed_days": len(over | answered)}


def _days(asking: Asking) -> Iterator[dict[str, Any]]:
    if asking.state == "closed":
        return
    trial = asking.trial
    for n in range(-1, DAYS_AHEAD + 1):
        day = asking.today + timedelta(days=n)
        if day >= trial.diary_from and (trial.ended_on is None or day <= trial.ended_on):
            yield {
                "diary_day": day.isoformat(),
                "phase": asking.phase_on(day).value,
                "windows": [_window(asking, day, *times) for times in asking.schedule.times_on(day)],
            }


def _window(
    asking: Asking, day: date, number: int | None, opens: datetime, closes: datetime
) -> dict[str, Any]:
    grace = GRACE if number is not None else timedelta()
    return {
        "number": number,
        "opens": _minute(opens),
        "closes": _minute(closes),
        "grace_until": _minute(closes + grace),
        "asks": asking.asks_on(day),
    }


def _minute(clock: datetime) -> str:
    return clock.isoformat(timespec="minutes")


def _with_answers(trial: StimulationTrial, days: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    near = [date.fromisoformat(day["diary_day"]) for day in days[:2]]
    entries, answers = selectors.standing_on(trial.pk, days=near)
    given: dict[tuple[str, int | None], dict[str, Any]] = {}
    rows: list[DiaryEntry | DiaryAnswer] = [*entries, *answers]
    for row in rows:
        given.setdefault((row.diary_day.isoformat(), row.window_no or None), {})[_key(row)] = _given(row)
    return [
        day
        | {
            "windows": [
                window | {"answered": _answered_in(window, day["diary_day"], given)}
                for window in day["windows"]
            ]
        }
        for day in days
    ]


def _answered_in(
    window: dict[str, Any], day: str, given: dict[tuple[str, int | None], dict[str, Any]]
) -> dict[str, Any]:
    """What has no window of its own (warning signs) counts for every window of its day."""
    found = given.get((day, None), {}) | given.get((day, window["number"]), {})
    return {key: found[key] for key in window["asks"] if key in found}


def _key(row: DiaryEntry | DiaryAnswer) -> str:
    return f"{row.region}.{row.kind}" if isinstance(row, DiaryEntry) else row.question


def _given(row: DiaryEntry | DiaryAnswer) -> dict[str, Any]:
    said = {"value": row.value} if isinstance(row, DiaryEntry) else {"answer": row.answer}
    return {
        "id": str(row.id),
        "receipt": receipt_of(row.body_sha256),
        "received_at": row.received_at.astimezone(UTC).isoformat(),
        "timeliness": row.timeliness,
        **said,
    }


def _questions(asking: Asking, *, days: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Every question that any of the days asks, and those that are open at any time."""
    asked = dict.fromkeys(key for day in days for window in day["windows"] for key in window["asks"])
    any_time = {code: None for code, question in QUESTIONS.items() if question.several}
    anytime_kept = any_time if asking.state in ("baseline", "trial", "ended") else {}
    return {key: _question(asking, key) for key in asked | anytime_kept}


def _question(asking: Asking, key: str) -> dict[str, Any]:
    region, _, kind = key.partition(".")
    wording = question_wording(
        key if region == TARGET or not kind else f"other.{kind}",
        language=asking.language,
        area=_area(asking),
        goal=asking.trial.goal,
        region=region,
    )
    if kind:
        return _pain_question(asking, region, kind) | {"wording": wording}
    return _other_question(QUESTIONS[key]) | {"wording": wording}


def _pain_question(asking: Asking, region: str, kind: str) -> dict[str, Any]:
    scale = SCALES[ScaleCode(asking.trial.scale)]
    return {
        "resource": "entries",
        "region": region,
        "kind": kind,
        "instrument_version": policies.WORDINGS[kind],
        "form": {
            "type": "number",
            "minimum": scale.to_units(scale.minimum),
            "maximum": scale.to_units(scale.maximum),
            "step": 1,
        },
    }


def _other_question(question: Question) -> dict[str, Any]:
    form: dict[str, Any] = {"type": question.form.value}
    if question.form is Form.NUMBER:
        form |= {"minimum": question.minimum, "maximum": question.maximum, "step": question.step}
    if question.choices:
        form |= {"choices": list(question.choices)}
    return {
        "resource": "answers",
        "question": question.code,
        "instrument_version": question.version,
        "any_time": question.several or question.asked is Asked.ANY_TIME,
        "form": form,
    }
