"""Everything the trial page says before its form: evidence first, then what can be done, then the record."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from apps.diary.models import DiaryEntry, PatientDevice
from apps.diary.totals import TRANSCRIBED, total_words
from apps.outcomes.models import ANSWERS, Assessment
from apps.outcomes.selectors import SATISFACTION, Bases
from apps.trials.cautions import cautions_asked
from apps.trials.models import AdverseEvent, Correction, ProgramInterval, StimulationTrial
from apps.trials.rules import Rulebook, read_rulebook
from apps.workspace import selectors
from apps.workspace.before_page import card_of, counts_asked
from apps.workspace.corrected import lines_of
from apps.workspace.diary_chart import Chart, Line, chart_of, events_of
from apps.workspace.diary_page import Diary
from apps.workspace.glance import Response, glance_at
from apps.workspace.kept import kept_of
from apps.workspace.permissions import Access
from apps.workspace.reliefs import both_reliefs
from apps.workspace.sign_page import Judged, panel_of
from apps.workspace.steps import steps_of
from apps.workspace.sureness import news_of, sureness_of
from apps.workspace.verdicts import NOTICE, Reading, read_assessment
from sctrial.criteria import RuleSet
from sctrial.scales import SCALES, ScaleCode

NO_TRUE_ZERO = (
    'This scale has no true zero: its lowest answer is not "no pain". A percent on it does not mean what it '
    "means on a 0 to 10 scale; read it with care."
)


@dataclass(frozen=True, slots=True)
class Figure:
    """One of the numbers at the top."""

    label: str
    value: str
    note: str
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """Rows that the form below shows anyway, so that nothing is read twice."""

    programs: Sequence[ProgramInterval]
    adverse_events: Sequence[AdverseEvent]


def page_of(trial: StimulationTrial, *, shown: Shown, access: Access, at: datetime) -> dict[str, Any]:
    rulebook = read_rulebook([trial.clinic_id])
    rows, before = selectors.verdicts_of(trial, at=at)
    frozen = _frozen(rows)
    readings = _readings(trial, rows, protocol=frozen.get("protocol", {}), rulebook=rulebook)
    entries = list(selectors.entries_of(trial))
    own = next((one for one in readings if one.row.rule_set_id == trial.rule_set_id), None)
    glance, bases = (
        glance_at(trial, at=at, also=counts_asked() | cautions_asked()),
        selectors.bases_at(at, rulebook=rulebook),
    )
    judged = Judged(rows, selectors.is_fresh(trial, bases=bases), glance.found)
    chart = _chart(trial, entries, own, shown=shown, access=access, at=at)
    corrections = _corrections(trial, access=access)
    people = [row.corrected_by for row in corrections or ()]
    diary = Diary(trial, entries=entries, glance=glance, people=people, access=access, at=at)
    reliefs = both_reliefs(own, facts=frozen.get("facts", {})) if own else None
    silence = silence_after(own, lines=chart.lines) if own else ""
    payers = [one for one in readings if one is not own and one.is_routine]
    phones = list(trial.devices.all())
    phones_since = min((phone.paired_at for phone in phones), default=None)
    return {
        "trial": trial,
        "own": own,
        "at": at,
        "payers": payers,
        "payers_said": said_by(payers),
        "studies": [one for one in readings if one is not own and not one.is_routine],
        "figures": (*figures_of(own), Figure("Stated relief", reliefs.value, reliefs.note))
        if own and reliefs
        else (),
        "apart": reliefs.flag if reliefs else "",
        "silence": silence,
        "caution": "" if SCALES[ScaleCode(trial.scale)].has_true_zero else NO_TRUE_ZERO,
        "stale_since": stale_since(trial, bases=bases),
        "chart": chart,
        "entries": entries,
        "devices": _open_phones(trial, phones, access=access),
        "kept": kept_of(trial, entries=entries, phones_since=phones_since, at=at),
        "may_audit": access.may("view", resource="audit.auditevent", clinic=trial.clinic_id),
        "may_pair": access.may("add", resource="diary.patientdevice", clinic=trial.clinic_id),
        "may_revoke": access.may("change", resource="diary.patientdevice", clinic=trial.clinic_id),
        "responses": [(row, response_words(row)) for row in glance.responses],
        "doses": glance.doses,
        "notice": NOTICE,
        "sureness": sureness_of(own, programs=shown.programs, ended_on=trial.ended_on) if own else None,
        "news": news_of(own, before=before) if own else None,
        **card_of(trial, found=glance.found, access=access, at=at),
        **steps_of(trial, glance=glance, access=access, at=at),
        **panel_of(trial, judged=judged, access=access, at=at),
        "sees_corrections": corrections is not None,
        "corrections": list(lines_of(corrections or (), names=diary.names)),
        **diary.context(lines=chart.lines),
    }


def _corrections(trial: StimulationTrial, *, access: Access) -> Sequence[Correction] | None:
    """None for who may not see them."""
    may_see = access.may("view", resource="trials.correction", clinic=trial.clinic_id)
    return list(trial.corrections.all()) if may_see else None


def said_by(readings: Sequence[Reading]) -> list[tuple[str, str, int]]:
    """How many rule sets give each answer that is given: code, words, number."""
    count = Counter(one.answer for one in readings)
    return [(code, words.lower(), count[code]) for code, words in ANSWERS.items() if count[code]]


def figures_of(reading: Reading) -> tuple[Figure, ...]:
    """Reduction, baseline mean, trial mean, days reported."""
    baseline, trial = reading.baseline, reading.trial
    asked = f"; the rule asks for {reading.threshold}" if reading.threshold else ""
    return (
        Figure(
            "Reduction",
            reading.percent or "no percent",
            reading.percent_why or f"trial, {trial.words}, against baseline, {baseline.words}{asked}",
            reading.answer,
        ),
        Figure("Baseline mean", baseline.mean or "none", _window_note(reading.baseline)),
        Figure("Trial mean", trial.mean or "none", _window_note(reading.trial)),
        Figure("Days reported", f"{trial.days} of {trial.asked}", _missing_note(reading)),
    )


def silence_after(reading: Reading, *, lines: Sequence[Line]) -> str:
    """What the windows cannot show: they end on the last day with a diary, the trial may not."""
    ends = reading.trial.last_day
    if ends is None or reading.trial.first_day is None:
        return ""
    after = [line for line in lines if line.day > ends]
    if not after or any(line.entry for line in after):
        return ""
    span = span_words(after[0].day, after[-1].day)
    days = "The day after it" if len(after) == 1 else f"The {len(after)} days after it"
    has = "has" if len(after) == 1 else "have"
    return (
        f"The trial window ends on {day_words(ends)}, the last day with a diary. "
        f"{days}, {span}, {has} no entry and no part in these figures."
    )


def response_words(row: Response) -> str:
    if row.instrument in TRANSCRIBED:
        return total_words(row.instrument, row.answers.get("total", ""), version=row.version)
    if row.instrument != SATISFACTION:
        return f"{row.instrument} {row.version}"
    return f"satisfied with the relief: {'yes' if row.answers['satisfied'] else 'no'}"


def stale_since(trial: StimulationTrial, *, bases: Bases) -> datetime | None:
    """When the verdict shown was made, if the record, the rules or the engine have moved on since."""
    if not hasattr(trial, "currency"):
        return None
    return None if selectors.is_fresh(trial, bases=bases) else trial.currency.assessed_at


def _frozen(rows: Sequence[Assessment]) -> Mapping[str, Any]:
    """The windows and facts as they were judged; the trial's own fields may have been changed since."""
    frozen: Mapping[str, Any] = json.loads(rows[0].evidence.content) if rows else {}
    return frozen


def _readings(
    trial: StimulationTrial,
    rows: Sequence[Assessment],
    *,
    protocol: Mapping[str, str],
    rulebook: Rulebook,
) -> list[Reading]:
    """One a rule set: the newest, and others only while in force."""
    rules = selectors.rules_by_digest(rulebook)
    newest = {row.rule_set_id: row for row in sorted(rows, key=lambda row: row.pk)}
    shown = (row for row in newest.values() if _is_shown(row, trial=trial, rules=rules))
    return [read_assessment(row, rules=rules, protocol=protocol) for row in shown]


def _is_shown(row: Assessment, *, trial: StimulationTrial, rules: Mapping[str, RuleSet]) -> bool:
    rule = rules.get(row.rule_set_digest)
    is_own = row.rule_set_id == trial.rule_set_id
    return is_own or (rule is not None and rule.is_in_force(trial.currency.assessed_at.date()))


def _chart(
    trial: StimulationTrial,
    entries: list[DiaryEntry],
    own: Reading | None,
    *,
    shown: Shown,
    access: Access,
    at: datetime,
) -> Chart:
    events = events_of(
        trial,
        programs=shown.programs,
        adverse_events=shown.adverse_events,
        with_words=access.may("view", resource="trials.adverseevent.description", clinic=trial.clinic_id),
    )
    today = selectors.diary_today(zone=trial.patient.zone, starts_at_hour=trial.day_starts_at_hour, at=at)
    return chart_of(trial, entries=entries, reading=own, events=events, today=today)


def _open_phones(
    trial: StimulationTrial, phones: Sequence[PatientDevice], *, access: Access
) -> list[PatientDevice]:
    if not access.may("view", resource="diary.patientdevice", clinic=trial.clinic_id):
        return []
    return [phone for phone in phones if phone.revoked_at is None]


def _window_note(window: Any) -> str:
    days = f"{window.days} {'day' if window.days == 1 else 'days'}"
    span = f", {span_words(window.first_day, window.last_day)}" if window.first_day else ""
    return f"{window.words}: {days}{span}"


def _missing_note(reading: Reading) -> str:
    baseline, trial = reading.baseline, reading.trial
    missing = f"{trial.missing_days} missing" if trial.missing_days else "none missing"
    named = f" ({', '.join(map(day_words, trial.missing))})" if 0 < len(trial.missing) <= 3 else ""
    return f"trial window, {missing}{named}; baseline window {baseline.days} of {baseline.asked}"


def day_words(day: date) -> str:
    return f"{day.day} {day:%b}"


def span_words(first: date, last: date | None) -> str:
    """1 to 7 Oct 2026."""
    if last is None or first == last:
        return f"{day_words(first)} {first.year}"
    start = str(first.day) if (first.year, first.month) == (last.year, last.month) else day_words(first)
    year = f" {first.year}" if first.year != last.year else ""
    return f"{start}{year} to {day_words(last)} {last.year}"
