"""Two kept snapshots side by side."""

from apps.cohorts.downloads import tables_in
from apps.cohorts.models import Snapshot
from sctrial.dictionary import read_dictionary
from sctrial.snapshot_diff import Difference, compare_snapshots


def compare(earlier: Snapshot, later: Snapshot) -> Difference:
    """What changed from the earlier to the later, trial by trial, and why."""
    return compare_snapshots(
        tables_in(earlier),
        after=tables_in(later),
        engines=(str(earlier.manifest["engine"]), str(later.manifest["engine"])),
        keys={name: table.key for name, table in read_dictionary().items()},
    )
