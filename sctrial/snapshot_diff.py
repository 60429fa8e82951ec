"""What changed from one snapshot to another, trial by trial, and which facts changed it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

TRIALS: Final = "trials"
KEY: Final = "trial_id"
#: Tables of facts, and what one of their rows is called.
FACTS: Final[Mapping[str, str]] = {
    "entries": "entry",
    "decisions": "decision",
    "events": "adverse event",
    "expected": "window of the diary",
}
_PLURALS: Final = {"entry": "entries", "window of the diary": "windows of the diary"}
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

Row = Mapping[str, Any]
Rows = Mapping[str, Mapping[tuple[Any, ...], Row]]


@dataclass(frozen=True, slots=True)
class Change:
    """One column of a trial; None is a missing value."""

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
    """From the earlier to the later snapshot; ``same`` trials are alike in every column and fact."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[ChangedTrial, ...]
    same: int

    @property
    def sentence(self) -> str:
        """The whole in one line."""
        return (
            f"{len(self.changed)} changed, {len(self.added)} added, {len(self.removed)} gone, "
            f"{self.same} the same."
        )


def compare_snapshots(
    before: Mapping[str, pa.Table],
    *,
    after: Mapping[str, pa.Table],
    engines: tuple[str, str],
    keys: Mapping[str, tuple[str, ...]],
) -> Difference:
    """The difference between the tables of two snapshots in the same form.

    ``engines`` are the versions that judged them, ``keys`` the columns that name a row of each table. A trial
    is changed when a column of its row is another one, or any of its facts.
    """
    old, new = _by_trial(before, keys), _by_trial(after, keys)
    both = sorted(set(old) & set(new))
    compared = [_compare_trial(trial, old[trial], new[trial], engines=engines) for trial in both]
    changed = tuple(found for found in compared if found.changes or found.why)
    return Difference(
        added=tuple(sorted(set(new) - set(old))),
        removed=tuple(sorted(set(old) - set(new))),
        changed=changed,
        same=len(both) - len(changed),
    )


def _by_trial(tables: Mapping[str, pa.Table], keys: Mapping[str, tuple[str, ...]]) -> dict[str, Rows]:
    """Of each trial in ``trials`` its rows in each table, by their keys."""
    found: dict[str, dict[str, dict[tuple[Any, ...], Row]]] = {}
    for name in (TRIALS, *FACTS):
        for row in tables[name].to_pylist() if name in tables else ():
            of_trial = found.setdefault(row[KEY], {})
            of_trial.setdefault(name, {})[tuple(row[column] for column in keys[name])] = row
    return {trial: rows for trial, rows in found.items() if TRIALS in rows}


def _compare_trial(trial: str, old: Rows, new: Rows, *, engines: tuple[str, str]) -> ChangedTrial:
    (before,), (after,) = old[TRIALS].values(), new[TRIALS].values()
    columns = [*before, *(column for column in after if column not in before)]
    changes = tuple(
        Change(column, before.get(column), after.get(column))
        for column in columns
        if before.get(column) != after.get(column)
    )
    return ChangedTrial(trial, changes, tuple(_why(changes, old, new, engines)))


def _why(changes: tuple[Change, ...], old: Rows, new: Rows, engines: tuple[str, str]) -> Iterator[str]:
    for table, noun in FACTS.items():
        before, after = old.get(table, {}), new.get(table, {})
        yield from _counted(noun, "added", len(after.keys() - before.keys()))
        yield from _counted(noun, "gone", len(before.keys() - after.keys()))
        common = before.keys() & after.keys()
        yield from _counted(noun, "changed", sum(before[key] != after[key] for key in common))
    named = {change.column for change in changes}
    yield from (f"{column} recorded anew" for column in sorted(named & RECORDED))
    if named & {"rule_set", "rule_set_version"}:
        yield "judged under another rule set or version of it"
    if changes and engines[0] != engines[1]:
        yield f"judged by engine {engines[1]} instead of {engines[0]}"


def _counted(noun: str, what: str, n: int) -> Iterator[str]:
    if n:
        yield f"{n} {noun if n == 1 else _PLURALS.get(noun, f'{noun}s')} {what}"
