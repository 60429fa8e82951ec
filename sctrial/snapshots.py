"""What makes a snapshot one: the same rows under the same rules and engine have one id, on every machine."""

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import Final

import pyarrow as pa

from sctrial import ENGINE_VERSION
from sctrial.csv_files import csv_chunks
from sctrial.seal import digest

FORMAT: Final = "sctrial.snapshot/1"
_SHOWN_OF_DIGEST: Final = 16

Manifest = dict[str, object]


def make_manifest(tables: Mapping[str, pa.Table], *, form: str, on: date) -> Manifest:
    """What the id is made of: day, form, engine, rule sets, and of each table its rows and digest.

    The digest of a table is the SHA-256 of its CSV without BOM, so that anyone can check a file they hold.
    """
    return {
        "format": FORMAT,
        "day": on.isoformat(),
        "form": form,
        "engine": ENGINE_VERSION,
        "rule_sets": _rule_sets(tables.get("assessments")),
        "tables": {
            name: {"rows": table.num_rows, "sha256": sha256_of(table)} for name, table in tables.items()
        },
    }


def make_id(manifest: Manifest) -> str:
    """``"2026-10-14-"`` and the first 16 hex digits of the manifest's digest."""
    return f"{manifest['day']}-{digest(manifest).removeprefix('sha256:')[:_SHOWN_OF_DIGEST]}"


def sha256_of(table: pa.Table) -> str:
    """Digest of the table's CSV file."""
    found = hashlib.sha256()
    for chunk in csv_chunks(table.to_batches(), schema=table.schema):
        found.update(chunk)
    return found.hexdigest()


def _rule_sets(assessments: pa.Table | None) -> list[str]:
    """Each rule set that judged, as id@version and digest."""
    if assessments is None:
        return []
    names = ("rule_set", "rule_set_version", "rule_set_digest")
    columns = (assessments.column(name).to_pylist() for name in names)
    return sorted({f"{rule}@{version} {sealed}" for rule, version, sealed in zip(*columns, strict=True)})
