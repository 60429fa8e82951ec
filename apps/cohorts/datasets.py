"""A snapshot as a folder of partitioned Parquet, for whoever asks more than one machine holds."""

import json
import shutil
import tempfile
from pathlib import Path

from django.db import transaction

from apps.cohorts.downloads import provenance_of
from apps.cohorts.models import Snapshot
from apps.cohorts.selectors import table_of
from apps.cohorts.services import Asker, trace_download
from sctrial.deidentify_tables import PERSON, Form
from sctrial.partitions import write_partitions

#: Readers of datasets pass over files whose name begins so.
ABOUT = "_snapshot.json"


class CannotWrite(ValueError):
    """A dataset that is not written; the message says why and what to do."""


def write_dataset(snapshot: Snapshot, folder: Path, *, buckets: int, asker: Asker) -> dict[str, int]:
    """Rows by table. The folder appears when all of it is there, or not at all. Raises CannotWrite."""
    if snapshot.form == Form.IDENTIFIED.value:
        raise CannotWrite("An identified snapshot stays in the clinic; make one in a de-identified form.")
    if folder.exists():
        raise CannotWrite(f"{folder} is there already; name a folder that is not.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    growing = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        rows = _fill(growing, snapshot, buckets=buckets)
        # What left stands in the trail, or it did not leave. Not open while the files are made: whoever
        # writes an event of the same clinic waits for it.
        with transaction.atomic():
            trace_download(snapshot, asker=asker, table="all", kind="dataset")
            growing.replace(folder)
    except BaseException:
        shutil.rmtree(growing, ignore_errors=True)
        raise
    return rows


def _fill(folder: Path, snapshot: Snapshot, *, buckets: int) -> dict[str, int]:
    rows = {}
    # One table at a time: that is what must fit into memory.
    for name in snapshot.tables.values_list("name", flat=True):
        table = table_of(snapshot, name)
        rows[name] = table.num_rows
        for path, content in write_partitions(table, person=PERSON, buckets=buckets):
            (folder / name / path).parent.mkdir(parents=True)
            (folder / name / path).write_bytes(content)
    about = {"provenance": provenance_of(snapshot), "manifest": snapshot.manifest, "buckets": buckets}
    (folder / ABOUT).write_text(json.dumps(about, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return rows
