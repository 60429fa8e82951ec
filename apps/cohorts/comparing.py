"""Two kept snapshots side by side."""

from apps.cohorts.models import Snapshot
from apps.cohorts.selectors import table_of
from sctrial.dictionary import read_dictionary
from sctrial.snapshot_diff import TRIALS, Difference, Side, compare_snapshots, find_different


def compare(earlier: Snapshot, later: Snapshot) -> Difference:
    """What changed from the earlier to the later, and why; tables that are the same are not read."""
    names = {TRIALS, *find_different(earlier.manifest, after=later.manifest)}
    before, after = (_side(snapshot, names) for snapshot in (earlier, later))
    keys = {name: table.key for name, table in read_dictionary().items()}
    return compare_snapshots(before, after=after, keys=keys)


def _side(snapshot: Snapshot, names: set[str]) -> Side:
    tables = {name: table_of(snapshot, name) for name in names if name in snapshot.manifest["tables"]}
    return Side(tables, snapshot.manifest, snapshot.question)
