"""The rows of one trial turned into what the chart draws and its tables say."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from apps.diary.answer_words import origin_words
from apps.diary.models import DiaryEntry
from apps.trials.models import AdverseEvent, ProgramInterval, StimulationTrial
from apps.workspace.chart import NARROW, WIDE, Day, Diary, Drawing, Event, draw
from apps.workspace.verdicts import Reading, mean_of, pain_threshold
from sctrial.nodes import display_threshold
from sctrial.phases import DiaryPhase, Phase, diary_phase_of
from sctrial.reduction import display_mean
from sctrial.scales import SCALES, TARGET, Scale, ScaleCode
from sctrial.stimulation import WAVEFORMS
from sctrial.windows import Several, compute_day_values

LONGEST_DRAWN_DAYS = 1500


@dataclass(frozen=True, slots=True)
class Score:
    day: date
    value: Fraction


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table beside the chart; ``entry`` is None for a day without an answer."""

    day: date
    phase: str
    window: str
    entry: DiaryEntry | None

    @property
    def origin(self) -> str:
        return origin_words(self.entry) if self.entry else ""


@dataclass(frozen=True, slots=True)
class Levels:
    """The horizontal lines."""

    mean: Fraction | None = None
    mean_label: str = ""
    goal: Fraction | None = None
    goal_label: str = ""
    interval: tuple[Fraction, Fraction] | None = None


@dataclass(frozen=True, slots=True)
class Chart:
    title: str
    summary: str
    drawings: tuple[Drawing, ...]
    lines: tuple[Line, ...]
    events: tuple[Event, ...]
    interval: str = ""


def chart_of(
    trial: StimulationTrial,
    *,
    entries: Sequence[DiaryEntry],
    reading: Reading | None,
    events: tuple[Event, ...],
    today: date,
) -> Chart:
    kind = reading.kind if reading else "average"
    judged = [row for row in entries if is_judged(row, trial=trial, kind=kind)]
    days = tuple(_days(trial, judged, reading=reading, last=last_day_of(trial, judged, today=today)))
    scale = SCALES[ScaleCode(trial.scale)]
    levels = _levels(reading)
    diary = Diary(
        days,
        scale.minimum,
        scale.maximum,
        baseline_mean=levels.mean,
        baseline_label=levels.mean_label,
        goal=levels.goal,
        goal_label=levels.goal_label,
        interval=levels.interval,
        events=events,
    )
    return Chart(
        title=f"{kind.capitalize()} target pain by day",
        summary=summary_of(diary, scale=scale),
        drawings=tuple(draw(diary, width=width) for width in (WIDE, NARROW)) if days else (),
        lines=tuple(_lines(trial, judged, days=days, reading=reading)),
        events=events,
        interval=interval_words(levels.interval),
    )


def interval_words(interval: tuple[Fraction, Fraction] | None) -> str:
    if interval is None:
        return ""
    low, high = map(display_mean, interval)
    return f"From {low} to {high}: the 90 % interval of the reduction, taken from the baseline mean."


def is_judged(row: DiaryEntry, *, trial: StimulationTrial, kind: str) -> bool:
    """Whether an answer is of the region, kind and scale that the percent is made of."""
    replaced = getattr(row, "is_replaced", False)
    return not replaced and (row.region, row.kind, row.scale) == (TARGET, kind, trial.scale)


def last_day_of(trial: StimulationTrial, judged: Sequence[DiaryEntry], *, today: date) -> date:
    """Up to yesterday while the diary is open: today is not missing before it is over."""
    newest = max((row.diary_day for row in judged), default=trial.diary_from)
    if trial.ended_on is not None:
        return max(newest, trial.ended_on)
    still_asked = trial.phase in (Phase.BASELINE_DIARY, Phase.LEAD_PLACED, Phase.TRIAL_ACTIVE)
    return max(newest, today - timedelta(days=1)) if still_asked else newest


def summary_of(diary: Diary, *, scale: Scale) -> str:
    """The chart in words, for whoever does not see it."""
    given = [day for day in diary.days if day.value is not None]
    baseline = sum(day.phase is DiaryPhase.BASELINE for day in given)
    reported = f"{len(given)} of {len(diary.days)} days reported"
    sides = f"{baseline} at baseline and {len(given) - baseline} in the trial"
    parts = [f"Scores on {scale.label}: {reported}, {sides}."]
    parts += [f"{label.capitalize()}." for label in (diary.baseline_label, diary.goal_label) if label]
    parts.append("The same data stand in the table below.")
    return " ".join(parts)


def events_of(
    trial: StimulationTrial,
    *,
    programs: Iterable[ProgramInterval],
    adverse_events: Iterable[AdverseEvent],
    with_words: bool,
) -> tuple[Event, ...]:
    """All that happened, numbered by day. ``with_words`` adds free text, which may name people."""
    found = [
        *_milestones(trial),
        *((row.started_on, "program", "Program started", program_words(row)) for row in programs),
        *(
            (row.onset_on, "adverse", "Adverse event", adverse_words(row, with_words=with_words))
            for row in adverse_events
        ),
    ]
    ordered = sorted(found, key=lambda event: event[0])
    return tuple(Event(n, *event) for n, event in enumerate(ordered, start=1))


def program_words(row: ProgramInterval) -> str:
    known = WAVEFORMS.get(row.waveform)
    facts = (
        f"{row.name}, {known.label if known else row.waveform}",
        row.frequency_hz is not None and f"{row.frequency_hz.normalize():f} Hz",
        row.pulse_width_us is not None and f"{row.pulse_width_us} µs",
        row.amplitude_ma is not None and f"{row.amplitude_ma.normalize():f} mA",
    )
    return ", ".join(fact for fact in facts if fact)


def adverse_words(row: AdverseEvent, *, with_words: bool) -> str:
    coded = f"{row}{', serious' if row.serious else ''}"
    return f"{coded}: {row.description}" if with_words and row.description else coded


def _milestones(trial: StimulationTrial) -> Iterator[tuple[date, str, str, str]]:
    if trial.lead_placed_on is not None:
        yield trial.lead_placed_on, "leads", "Leads placed", ""
    if trial.ended_on is not None:
        yield trial.ended_on, "leads", "Trial ended", trial.get_end_reason_display()


def _days(
    trial: StimulationTrial, judged: Sequence[DiaryEntry], *, reading: Reading | None, last: date
) -> Iterator[Day]:
    scale = SCALES[ScaleCode(trial.scale)]
    scores = [Score(row.diary_day, scale.from_units(row.value)) for row in judged]
    values = compute_day_values(scores, several=Several(trial.several))
    first = min(trial.diary_from, *values) if values else trial.diary_from
    first = max(first, last - timedelta(days=LONGEST_DRAWN_DAYS))
    for n in range((last - first).days + 1):
        day = first + timedelta(days=n)
        phase = diary_phase_of(day, lead_placed_on=trial.lead_placed_on)
        yield Day(day, values.get(day), phase, in_window=bool(window_of(day, phase=phase, reading=reading)))


def window_of(day: date, *, phase: DiaryPhase, reading: Reading | None) -> str:
    """The name of the window that holds ``day``, or nothing."""
    if reading is None:
        return ""
    window = reading.baseline if phase is DiaryPhase.BASELINE else reading.trial
    return phase.value if window.holds(day) else ""


def _levels(reading: Reading | None) -> Levels:
    """Both lines come from the stored verdict; with a baseline of 0 nothing can be lower."""
    mean = None if reading is None else mean_of(reading.row, side="baseline")
    if reading is None or mean is None:
        return Levels()
    mean_label, interval = f"baseline mean {display_mean(mean)}", _interval(reading, mean=mean)
    threshold = pain_threshold(reading.rule)
    if threshold is None or mean == 0:
        return Levels(mean, mean_label, interval=interval)
    goal = mean * (1 - threshold)
    words = f"{display_threshold(threshold)} lower = {display_mean(goal)}"
    return Levels(mean, mean_label, goal, words, interval)


def _interval(reading: Reading, *, mean: Fraction) -> tuple[Fraction, Fraction] | None:
    """Scores that stand as far below the baseline mean as the ends of the interval of the reduction say."""
    ends = reading.row.certainty["interval_90"]
    if ends is None:
        return None
    least, most = (mean * (1 - Fraction(end) / 100) for end in ends)
    return most, least


def _lines(
    trial: StimulationTrial, judged: Sequence[DiaryEntry], *, days: Sequence[Day], reading: Reading | None
) -> Iterator[Line]:
    by_day: dict[date, list[DiaryEntry]] = defaultdict(list)
    for row in judged:
        by_day[row.diary_day].append(row)
    for day in days:
        window = window_of(day.day, phase=day.phase, reading=reading)
        for entry in by_day.get(day.day, [None]):
            yield Line(day.day, day.phase.value, window, entry)
