"""Figures of who: Table 1, answers by day, conversion, repeat trials."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import pandas as pd
from django.utils.translation import get_language_info

from apps.cohorts.reports.figure import (
    Cell,
    Figure,
    Row,
    cell_of,
    count_cell,
    percent,
    share_cells,
)
from apps.cohorts.reports.material import BY_STUDY_ID, Material
from apps.cohorts.reports.material import Row as Trial
from apps.cohorts.reports.plot import Axis, Mark, Plot, bars
from apps.diary.closed_days import STATES
from apps.trials.models.trials import MODALITIES
from sctrial.conversion import WINDOWS, Ended, compute_conversion
from sctrial.deidentify import AGE_BANDS
from sctrial.intervals import Count, compute_proportion
from sctrial.scales import SCALES, ScaleCode
from sctrial.sharing import show_counts
from sctrial.stimulation import WAVEFORMS
from sctrial.table_one import make_table_one

MOST_ROWS: Final = 60
#: What is later stands in the table.
LAST_DRAWN: Final = 42
AGE_BANDS_OF: Final = "age_band"
#: Two lines of one age: by their place in the table.
AGE_MEAN, AGE_MEDIAN = "age_mean", "age_median"
CATEGORICAL: Final = {
    "diagnosis": "Diagnosis (ICD-10-CM)", "modality": "Modality", "waveform": "Waveform",
    "language": "Language",
}  # fmt: skip
CONTINUOUS: Final = {"baseline_mean": "Baseline pain", "baseline_days": "Days of baseline diary"}
WORDS: Final = (
    CATEGORICAL
    | CONTINUOUS
    | {
        AGE_BANDS_OF: "Age, years",
        AGE_MEAN: "Age, years: mean (SD)",
        AGE_MEDIAN: "Age, years: median [quartiles]",
    }
)

OF_TRIALS: Final = ["study_id", "modality", "waveform", "scale", *CONTINUOUS]


def table_one(material: Material, *, shared: bool) -> Figure:
    """An age as it is stays in the clinic: outside there are bands of ten years."""
    frame = _people(material)
    lines = make_table_one(
        frame,
        means=[] if shared else [AGE_MEAN],
        categorical=[AGE_BANDS_OF, *CATEGORICAL] if shared else list(CATEGORICAL),
        continuous=[*CONTINUOUS] if shared else [AGE_MEDIAN, *CONTINUOUS],
        orders={AGE_BANDS_OF: AGE_BANDS},
        is_shared=shared,
    )
    # Both lines of an age stand together.
    lines = tuple(sorted(lines, key=lambda line: line.variable not in (AGE_MEAN, AGE_MEDIAN)))
    words = WORDS | {"baseline_mean": f"Baseline pain, points of {SCALES[ScaleCode(material.scale)].label}"}
    rows: list[tuple[Cell, ...]] = []
    named = ""
    for line in lines:
        rows.append((words[line.variable] if line.variable != named else "", line.level, line.text,
                     line.missing))  # fmt: skip
        named = line.variable
    return Figure(
        key="table_one",
        title="Table 1: who the patients are",
        reading="A count stands with its percent, a number as median with quartiles unless it says mean, at "
        "the first trial in the cohort.",
        n=len(frame),
        missing="in the last column, for each line",
        of="Percent of patients with a value.",
        columns=("What", "Value", "n (%) or median [quartiles]", "Missing"),
        rows=tuple(rows),
        empty="" if rows else "No patient answers this question. Ask for fewer filters.",
    )


def _people(material: Material) -> pd.DataFrame:
    first: dict[str, Trial] = {}
    for row in sorted(material.trials, key=lambda row: int(row["repeat_number"])):
        first.setdefault(row["study_id"], row)
    of_trials = pd.DataFrame(list(first.values()), columns=OF_TRIALS)
    frame = material.subjects.merge(of_trials, on="study_id", how="left")
    numbers = {name: frame[name].astype("float64") for name in CONTINUOUS}
    texts = {name: frame[name].where(frame[name] != "") for name in (AGE_BANDS_OF, *CATEGORICAL)}
    told = {name: texts[name].map(words, na_action="ignore") for name, words in LEVELS.items()}
    ages = frame["study_id"].map(dict(material.ages)).astype("float64")
    # Two scales have no median in common.
    numbers["baseline_mean"] = numbers["baseline_mean"].where(frame["scale"] == material.scale)
    return frame.assign(**{**numbers, **texts, **told, AGE_MEAN: ages, AGE_MEDIAN: ages})


def _waveforms(codes: str) -> str:
    """As staff read them, in the order in which they were tried."""
    known = (WAVEFORMS[code].label if code in WAVEFORMS else code for code in codes.split("+"))
    return ", then ".join(known)


def _language(code: str) -> str:
    try:
        return str(get_language_info(code)["name"])
    except KeyError:
        return code


#: A code as staff read it.
LEVELS: Final[Mapping[str, Callable[[str], str]]] = {
    "modality": lambda code: MODALITIES.get(code, code),
    "waveform": _waveforms,
    "language": _language,
}


def answers_by_day(material: Material) -> Figure:
    days = material.closed
    trials = days["trial_id"].unique().tolist()
    drawn = {trial: row for row, trial in enumerate(trials[:MOST_ROWS])}
    shown = days[days["trial_id"].isin(drawn) & (days["diary_day"] <= LAST_DRAWN)]
    marks = [
        _square(day, drawn[trial], state)
        for trial, day, state in zip(
            *(shown[name].tolist() for name in ("trial_id", "diary_day", "state")), strict=True
        )
    ]
    by_day: dict[int, Counter[int]] = {}
    for day, state, n in days.groupby(["diary_day", "state"]).size().reset_index().itertuples(index=False):
        by_day.setdefault(int(day), Counter())[int(state)] = int(n)
    near = [day for day in by_day if day <= LAST_DRAWN]
    return Figure(
        key="answers_by_day",
        title="Answers by day",
        reading="Each row is a trial and each square a day: blue was answered, red missed, grey "
        "could not be.",
        n=len(trials),
        missing={"trials without a closed window": len(material.trials) - len(trials)},
        of="Percent of days with a closed window that were not excused.",
        columns=("Study day", "Answered", "Missed", "Excused", "Percent answered"),
        rows=tuple(
            (day, of[0], of[2], of[1], percent(of[0] / (of[0] + of[2])) if of[0] + of[2] else None)
            for day, of in by_day.items()
        ),
        plot=Plot(
            Axis(
                _place(near[0]),
                _place(near[-1]) + 1,
                _day_ticks(near),
                "study day; 1 is the day of the leads",
            ),
            Axis(-len(drawn), 0),
            tuple(marks),
            height=max(40, 12 * len(drawn)),
            key=(("main", "answered"), ("bad", "missed"), ("faint", "excused")),
        )
        if near
        else None,
        notes=(
            f"Drawn up to study day {LAST_DRAWN}, and {len(drawn)} of {len(trials)} trials: {BY_STUDY_ID}",
        )
        if near
        else (),
        empty="No window of a diary has closed yet.",
        is_of_persons=True,
    )


def _square(day: int, row: int, state: int) -> Mark:
    place = _place(day)
    corners = ((place, -row - 0.08), (place + 0.9, -row - 0.92))
    return Mark("box", corners, ("main", "faint", "bad")[state], f"day {day}: {STATES[state]}")


def _place(day: int) -> float:
    """There is no study day 0."""
    return day if day < 0 else day - 1


def _day_ticks(columns: Sequence[int]) -> tuple[tuple[float, str], ...]:
    return tuple((_place(day) + 0.5, str(day)) for day in columns)


def conversion(material: Material, *, shared: bool) -> Figure:
    ended = [ended_of(row) for row in material.trials if row["ended_on"] and row["lead_placed_on"]]
    groups = {
        "All trials": ended,
        "First trials": [one for one in ended if one.repeat_number == 1],
        "Repeat trials": [one for one in ended if one.repeat_number > 1],
    }
    rows: list[Row] = []
    drawn = []
    for name, trials in groups.items():
        for window in WINDOWS:
            found = compute_conversion(trials, window=window, as_of=material.as_of)
            for of, proportion in (("trials followed", found.of_all), ("those that met", found.of_met)):
                cells = share_cells(proportion, shared=shared)
                beside = [count_cell(n, shared=shared) for n in (found.too_recent, found.late)]
                rows.append((name, window, of, *cells, *beside))
                if isinstance(cells[2], float):
                    drawn.append((f"{name}, {window} days, of {of}: {cells[2]} %", cells[2], "main"))
    return Figure(
        key="conversion",
        title="From trial to permanent implant",
        reading="Each bar is the share implanted within so many days of the end of the trial, of "
        "whom its words say.",
        n=len(ended),
        missing={"not ended or without leads": len(material.trials) - len(ended)},
        of="Percent of trials whose whole window lies in the past, and of those of them "
        "that met their rule. Trials "
        "too recent for the window count in neither. From the clinics' records, not from bills.",
        columns=(
            "Group",
            "Days",
            "Of",
            "Implanted",
            "Of so many",
            "Percent",
            "95 % interval (Wilson)",
            "Too recent",
            "Implanted later",
        ),
        rows=tuple(rows),
        plot=bars(drawn, most=100, step=20, title="implanted", unit=" %") if drawn else None,
        empty="No window of 90 days after a trial is over yet, or every count is too small to share.",
    )


def ended_of(row: Trial) -> Ended:
    met = {"met": True, "not_met": False}.get(row["answer"])
    return Ended(row["trial_id"], row["ended_on"], row["implanted_on"], met, row["repeat_number"])


def repeats(material: Material, *, shared: bool) -> Figure:
    rows: list[Row] = []
    drawn = []
    which = {"First": 1, "Second": 2, "Third or later": 3}
    groups = {
        words: [row for row in material.trials if min(3, row["repeat_number"]) == number]
        for words, number in which.items()
    }
    counts = {"all": len(material.trials), **{words: len(of) for words, of in groups.items()}}
    told = show_counts(counts, sums={"all": list(groups)}) if shared else counts
    for words, of in groups.items():
        judged = [row for row in of if row["answer"] in ("met", "not_met")]
        met = compute_proportion(Count(sum(row["answer"] == "met" for row in judged), len(judged)))
        cells = share_cells(met, shared=shared)
        rows.append((words, cell_of(told[words]), *cells))
        if isinstance(cells[2], float):
            drawn.append((f"{words} trial: {cells[0]} of {cells[1]} met", cells[2], "main"))
    return Figure(
        key="repeats",
        title="First and repeat trials",
        reading="Each bar is the share of evaluable trials that met their rule, by which trial "
        "of the patient it was.",
        n=len(material.trials),
        missing="trials without an answer stand in the first count only",
        of="Percent of evaluable trials.",
        columns=("Trial", "Trials", "Met", "Of evaluable", "Percent", "95 % interval (Wilson)"),
        rows=tuple(rows),
        plot=bars(drawn, most=100, step=20, title="met the rule", unit=" %") if drawn else None,
        empty="No trial has been judged met or not met, or every count is too small to share.",
    )
