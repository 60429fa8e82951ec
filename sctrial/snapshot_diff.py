"""What changed from one snapshot to another, and because of what: trial by trial, table by table."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

from sctrial.table_diff import Row, RowChange, TableDifference, compare_tables

TRIALS: Final = "trials"
SUBJECTS: Final = "subjects"
KEY: Final = "trial_id"
PERSON: Final = "study_id"
#: Tables with rows of a trial, and what one of their rows is called.
FACTS: Final[Mapping[str, str]] = {
    "entries": "entry",
    "daily": "value of a day",
    "assessments": "assessment",
    "decisions": "decision",
    "events": "adverse event",
    "expected": "window of the diary",
}
_PLURALS: Final = {
    "entry": "entries",
    "value of a day": "values of a day",
    "window of the diary": "windows of the diary",
}
#: Columns of a trial that are facts themselves: what stands in them was recorded, not computed.
RECORDED: Final = frozenset(
    {
        "modality",
        "scale",
        "phase",
        "diary_from_day",
        "planned_end_day",
        "ended_day",
        "lead_placed_on",
        "end_reason",
        "technical_cause",
        "diagnosis",
        "waveform",
        "device",
        "stated_relief",
        "implanted_day",
        "explanted_day",
        "explant_reason",
    }
)


@dataclass(frozen=True, slots=True)
class Side:
    """A snapshot as it was kept; of ``tables`` those are enough that ``find_different`` names, and trials."""

    tables: Mapping[str, pa.Table]
    manifest: Mapping[str, Any]
    question: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One column of a trial, or ``subjects.`` and one of its patient; None is a missing value."""

    column: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class ChangedTrial:
    """A trial that is in both and not the same; ``why`` are the facts behind it, in words."""

    trial: str
    changes: tuple[Change, ...]
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """From the earlier to the later snapshot; ``same`` trials are alike in every column and fact.

    ``about`` is what differs beside the rows, in words: day, form, engine, rule sets, question. Two ids that
    differ have something in ``about`` or in ``tables``, for an id is made of nothing else.
    """

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[ChangedTrial, ...]
    same: int
    about: tuple[str, ...] = ()
    tables: tuple[TableDifference, ...] = ()

    @property
    def sentence(self) -> str:
        """The trials in one line."""
        return (
            f"{len(self.changed)} changed, {len(self.added)} added, {len(self.removed)} gone, "
            f"{self.same} the same."
        )


def find_different(before: Mapping[str, Any], *, after: Mapping[str, Any]) -> list[str]:
    """The tables whose digests are not the same in two manifests, in their order."""
    old, new = before["tables"], after["tables"]
    return [name for name in {**old, **new} if old.get(name) != new.get(name)]


def compare_snapshots(before: Side, *, after: Side, keys: Mapping[str, tuple[str, ...]]) -> Difference:
    """The difference between two snapshots; ``keys`` are the columns that name a row of each table.

    A trial is changed when a column of its row is another one, any of its facts, or its patient's row. Raises
    KeyError for a table without a key.
    """
    tables = tuple(
        compare_tables(name, before.tables.get(name), after=after.tables.get(name), key=keys[name])
        for name in find_different(before.manifest, after=after.manifest)
    )
    old, new = _people_of(before), _people_of(after)
    both = sorted(old.keys() & new.keys())
    touched = _touched(tables, people=new)
    engines = (str(before.manifest["engine"]), str(after.manifest["engine"]))
    compared = [_explain(trial, touched[trial], engines=engines) for trial in both if trial in touched]
    return Difference(
        added=tuple(sorted(new.keys() - old.keys())),
        removed=tuple(sorted(old.keys() - new.keys())),
        changed=tuple(compared),
        same=len(both) - len(compared),
        about=tuple(_about(before, after)),
        tables=tables,
    )


def _people_of(side: Side) -> dict[str, str]:
    """The patient of each trial."""
    columns = (side.tables[TRIALS].column(name).to_pylist() for name in (KEY, PERSON))
    return dict(zip(*columns, strict=True))


def _touched(
    tables: Iterable[TableDifference], *, people: Mapping[str, str]
) -> dict[str, dict[str, list[RowChange]]]:
    """Of each trial its rows that are not the same, by table; a patient's row is of all their trials."""
    trials: dict[str, list[str]] = {}
    for trial, person in people.items():
        trials.setdefault(person, []).append(trial)
    found: dict[str, dict[str, list[RowChange]]] = {}
    for table in tables:
        for change in table.changes:
            of_person = table.name == SUBJECTS
            for trial in trials.get(change.row[PERSON], []) if of_person else [change.row[KEY]]:
                found.setdefault(trial, {}).setdefault(table.name, []).append(change)
    return found


def _explain(trial: str, touched: Mapping[str, list[RowChange]], *, engines: tuple[str, str]) -> ChangedTrial:
    of_trial = [change for row in touched.get(TRIALS, ()) for change in _changes(row)]
    of_person = [change for row in touched.get(SUBJECTS, ()) for change in _changes(row, of=f"{SUBJECTS}.")]
    why = _why(of_trial, touched, engines)
    return ChangedTrial(trial, (*of_trial, *of_person), tuple(why))


def _changes(row: RowChange, *, of: str = "") -> Iterator[Change]:
    before, after = row.before or {}, row.after or {}
    for column in {**before, **after}:
        if before.get(column) != after.get(column):
            yield Change(of + column, before.get(column), after.get(column))


def _why(
    changes: list[Change], touched: Mapping[str, list[RowChange]], engines: tuple[str, str]
) -> Iterator[str]:
    for table, noun in FACTS.items():
        counts = Counter((change.what, _of_what(change.row)) for change in touched.get(table, ()))
        yield from (_counted(noun, what, n) + of for (what, of), n in sorted(counts.items()))
    named = {change.column for change in changes}
    yield from (f"{column} recorded anew" for column in sorted(named & RECORDED))
    if SUBJECTS in touched:
        yield "row of the patient changed"
    if named & {"rule_set", "rule_set_version"}:
        yield "judged under another rule set or version of it"
    if changes and engines[0] != engines[1]:
        yield f"judged by engine {engines[1]} instead of {engines[0]}"


def _of_what(row: Row) -> str:
    """What a day's value is about; it alone has parameters."""
    return f" ({row['parameter']})" if "parameter" in row else ""


def _counted(noun: str, what: str, n: int) -> str:
    return f"{n} {noun if n == 1 else _PLURALS.get(noun, f'{noun}s')} {what}"


#: What a manifest says beside its tables and rule sets, and how a difference of it is told.
_MARKS: Final[Mapping[str, str]] = {
    "day": "as of {after} instead of {before}",
    "form": "tables leave as {after} instead of {before}",
    "engine": "engine {after} instead of {before}",
    "format": "made as {after} instead of {before}",
}


def _about(before: Side, after: Side) -> Iterator[str]:
    old, new = before.manifest, after.manifest
    for mark, words in _MARKS.items():
        if old.get(mark) != new.get(mark):
            yield words.format(before=old.get(mark), after=new.get(mark))
    rules, now = set(old.get("rule_sets", ())), set(new.get("rule_sets", ()))
    yield from (f"rule set {_named(rule)} judged too" for rule in sorted(now - rules))
    yield from (f"rule set {_named(rule)} judged no more" for rule in sorted(rules - now))
    if before.question != after.question:
        yield f"asks {after.question or 'for every trial'} instead of {before.question or 'for every trial'}"


def _named(rule: str) -> str:
    """id@version, and enough of the digest to tell two texts of one version apart."""
    name, _, sealed = rule.partition(" ")
    return f"{name} ({sealed.removeprefix('sha256:')[:8]})" if sealed else name
