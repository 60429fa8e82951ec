"""Rows of the tables of the diary: entries as collected, one value a day, every window that was expected."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby
from operator import itemgetter
from statistics import fmean
from typing import Any, Final
from uuid import UUID

from apps.cohorts.cohort import Cohort
from apps.diary.compliance import Closed, closed_windows
from apps.diary.models import DiaryAnswer, DiaryEntry, OpioidUse
from apps.diary.selectors import not_standing, standing
from apps.trials.models import StimulationTrial
from sctrial.dictionary import MME
from sctrial.phases import diary_phase_of
from sctrial.questions import QUESTIONS, Form
from sctrial.scales import SCALES, ScaleCode
from sctrial.windows import Several

Row = Mapping[str, Any]
AS_COLLECTED: Final = (
    "trial_id",
    "id",
    "diary_day",
    "window_no",
    "timeliness",
    "region",
    "kind",
    "scale",
    "value",
    "originator",
    "language",
    "instrument_version",
    "captured_at",
    "utc_offset_minutes",
    "received_at",
    "supersedes_id",
    "replaced",
)
#: Which of several scores of one kind and day count, by the trial's protocol; their mean is the day's value.
OF_SEVERAL: Final[Mapping[str, slice]] = {
    Several.MEAN.value: slice(None),
    Several.FIRST.value: slice(1),
    Several.LAST.value: slice(-1, None),
}
BLOCK: Final = 1000


def entry_rows(cohort: Cohort) -> Iterator[Row]:
    rows = DiaryEntry.objects.filter(trial__in=cohort.ids).annotate(replaced=not_standing(DiaryEntry))
    in_order = rows.order_by("trial_id", "diary_day", "captured_at", "received_at", "line", "id")
    for trial, of_trial in groupby(in_order.values(*AS_COLLECTED).iterator(), key=itemgetter("trial_id")):
        entries = list(of_trial)
        numbers = {entry["id"]: number for number, entry in enumerate(entries, 1)}
        for entry in entries:
            yield {
                **cohort.names(trial),
                **cohort.dated(trial, diary=entry["diary_day"]),
                **_as_collected(entry),
                "entry_number": numbers[entry["id"]],
                "phase": _phase(cohort, trial, entry["diary_day"]),
                "replaced": entry["replaced"],
                "replaces": numbers.get(entry["supersedes_id"]),
            }


def _as_collected(entry: Row) -> dict[str, Any]:
    plain = ("timeliness", "region", "kind", "scale", "originator", "language", "instrument_version")
    return {name: entry[name] for name in plain} | {
        "entry_uuid": str(entry["id"]),
        "window_number": entry["window_no"] or None,
        "value": _points(entry["scale"], entry["value"]),
        **_clock(entry),
    }


def _clock(entry: Row) -> dict[str, int | None]:
    captured = entry["captured_at"]
    if captured is None:
        return {"minute_of_day": None, "delay_minutes": None}
    in_utc = captured.hour * 60 + captured.minute
    return {
        "minute_of_day": (in_utc + (entry["utc_offset_minutes"] or 0)) % (24 * 60),
        "delay_minutes": int((entry["received_at"] - captured).total_seconds() // 60),
    }


def _points(scale: str, units: int) -> float:
    return float(SCALES[ScaleCode(scale)].from_units(units))


def _phase(cohort: Cohort, trial: UUID, day: date) -> str:
    return diary_phase_of(day, lead_placed_on=cohort.by_id[trial]["lead_placed_on"]).value


def daily_rows(cohort: Cohort) -> Iterator[Row]:
    """Pain, then the other questions, then the opioid dose."""
    for trial, day, values in (*_pain(cohort), *_answers(cohort), *_doses(cohort)):
        yield {
            **cohort.names(trial),
            **cohort.dated(trial, diary=day),
            "phase": _phase(cohort, trial, day),
            **values,
        }


Daily = Iterator[tuple[UUID, date, dict[str, Any]]]


def _pain(cohort: Cohort) -> Daily:
    rows = standing(DiaryEntry.objects.filter(trial__in=cohort.ids))
    in_order = rows.order_by("trial_id", "diary_day", "region", "kind", "captured_at", "line", "id")
    columns = ("trial_id", "diary_day", "region", "kind", "scale", "value", "originator")
    of_day = itemgetter(0, 1, 2, 3)
    for (trial, day, region, kind), entries in groupby(in_order.values_list(*columns), key=of_day):
        facts = cohort.by_id[trial]
        # A score on another scale than the trial's counts for no verdict, so for no day either.
        scores = [(_points(scale, value), by) for *_, scale, value, by in entries if scale == facts["scale"]]
        if scores:
            counted = scores[OF_SEVERAL[facts["several"]]]
            value, by = fmean(points for points, _ in counted), _joined(by for _, by in counted)
            yield trial, day, _number(value, kind, "scale point", region=region, answers=len(scores), by=by)


def _answers(cohort: Cohort) -> Daily:
    rows = standing(DiaryAnswer.objects.filter(trial__in=cohort.ids))
    in_order = rows.exclude(question__in=_own_words()).order_by(
        "trial_id", "diary_day", "question", "captured_at", "received_at", "id"
    )
    columns = ("trial_id", "diary_day", "question", "answer", "originator")
    of_day = itemgetter(0, 1, 2)
    for (trial, day, question), answers in groupby(in_order.values_list(*columns), key=of_day):
        yield trial, day, _answered(question, [(answer, by) for *_, answer, by in answers])


def _answered(question: str, given: Sequence[tuple[Mapping[str, Any], str]]) -> dict[str, Any]:
    last, by = given[-1]
    if QUESTIONS[question].form is Form.NUMBER:
        unit = "percent" if QUESTIONS[question].maximum == 100 else "point"
        return _number(float(last["number"]), question, unit, answers=len(given), by=by)
    chosen = [(code, of) for answer, of in given for code in answer.get("choices", ())]
    chosen = chosen or [(last.get("choice", ""), by)]
    code, by = _joined(code for code, _ in chosen), _joined(of for _, of in chosen)
    return _number(None, question, "", answers=len(given), by=by) | {"code": code}


def _joined(codes: Iterable[str]) -> str:
    return "+".join(sorted(set(codes)))


def _own_words() -> list[str]:
    return [code for code, question in QUESTIONS.items() if question.form is Form.TEXT]


def _doses(cohort: Cohort) -> Daily:
    rows = OpioidUse.objects.filter(trial__in=cohort.ids, is_void=False).order_by("trial_id", "day")
    for trial, day, mme in rows.values_list("trial_id", "day", "mme"):
        yield trial, day, _number(float(mme), MME, "MME", answers=1)


def _number(
    value: float | None, parameter: str, unit: str, *, answers: int, region: str = "", by: str = ""
) -> dict[str, Any]:
    return {
        "region": region,
        "parameter": parameter,
        "value": value,
        "code": "",
        "unit": unit,
        "answers": answers,
        "originator": by,
    }


def expected_rows(cohort: Cohort) -> Iterator[Row]:
    for start in range(0, len(cohort.ids), BLOCK):
        ids = cohort.ids[start : start + BLOCK]
        trials = list(StimulationTrial.objects.filter(pk__in=ids).select_related("patient").order_by("pk"))
        windows = closed_windows(trials, at=cohort.at)
        for trial in trials:
            yield from (_expected(cohort, trial, window) for window in windows[trial.pk])


def _expected(cohort: Cohort, trial: StimulationTrial, window: Closed) -> Row:
    return {
        **cohort.names(trial.pk),
        **cohort.dated(trial.pk, diary=window.day),
        "window_number": window.window,
        "phase": _phase(cohort, trial.pk, window.day),
        "timeliness": window.timeliness.value if window.timeliness else "",
        **_missing(trial, window),
    }


def _missing(trial: StimulationTrial, window: Closed) -> dict[str, str]:
    if window.timeliness is not None:
        return {"state": "answered", "why_missing": ""}
    if not window.excused:
        return {"state": "missed", "why_missing": "no_answer"}
    stopped = trial.consent_withdrawn_at
    withdrawn = stopped is not None and stopped < window.closed_at
    return {"state": "excused", "why_missing": "consent_withdrawn" if withdrawn else "no_phone"}
