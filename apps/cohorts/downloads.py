"""Files of a snapshot: every format is made of the tables that were kept."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final

import pyarrow as pa

from apps.cohorts.models import FORMS, Snapshot
from apps.cohorts.selectors import table_of
from sctrial.arrow_tables import count_rows, read_batches, read_parquet, schema_in, to_parquet
from sctrial.cdisc import make_view
from sctrial.csv_files import csv_chunks
from sctrial.dictionary import Table, read_cdisc, read_dictionary
from sctrial.redcap_files import to_dictionary, to_eav, to_flat
from sctrial.sqlite_file import to_sqlite
from sctrial.stat_files import WRITERS, TextTooLong
from sctrial.workbook import TooLong, to_xlsx

#: What no file can be made of, with the remedy.
CannotWrite = (TextTooLong, TooLong)
Tables = Mapping[str, pa.Table]


@dataclass(frozen=True, slots=True)
class Kind:
    """A format: what people call it, and its media type."""

    label: str
    media: str


CSV: Final = "text/csv; charset=utf-8"
BINARY: Final = "application/octet-stream"
#: Stands for the name of a table where all are in one file.
ALL: Final = "all"
OF_TABLE: Final[Mapping[str, Kind]] = {
    "csv": Kind("CSV", CSV),
    "bom.csv": Kind("CSV for Excel", CSV),
    "parquet": Kind("Parquet", "application/vnd.apache.parquet"),
    "xpt": Kind("SAS (XPT v5)", BINARY),
    "sav": Kind("SPSS", BINARY),
    "dta": Kind("Stata", BINARY),
}
OF_ALL: Final[Mapping[str, Kind]] = {
    "xlsx": Kind("Excel", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "sqlite": Kind("SQLite", "application/vnd.sqlite3"),
    "redcap.csv": Kind("REDCap, flat", CSV),
    "redcap-eav.csv": Kind("REDCap, a value a line", CSV),
    "redcap-dictionary.csv": Kind("REDCap dictionary", CSV),
}
ANY_KIND: Final[Mapping[str, Kind]] = {**OF_TABLE, **OF_ALL}


def media_of(ending: str) -> str:
    return ANY_KIND[ending].media


def label_of(ending: str) -> str:
    return ANY_KIND[ending].label


def is_file(snapshot: Snapshot, name: str, ending: str) -> bool:
    """Whether there is such a file of the snapshot."""
    if name == ALL:
        return ending in OF_ALL
    return ending in OF_TABLE and name in (*snapshot.manifest["tables"], *read_cdisc())


def write_table(snapshot: Snapshot, name: str, ending: str) -> Iterable[bytes]:
    """One table, piece by piece where the format allows it. Raises what is in CannotWrite."""
    content = _parquet_of(snapshot, name)
    if ending == "parquet":
        return [content]
    if ending in WRITERS:
        return [WRITERS[ending](read_parquet(content), table=_known_tables()[name])]
    return csv_chunks(read_batches(content), schema=schema_in(content), bom=ending == "bom.csv")


def _known_tables() -> dict[str, Table]:
    return {**read_dictionary(), **read_cdisc()}


def _parquet_of(snapshot: Snapshot, name: str) -> bytes:
    if name in read_cdisc():
        return to_parquet(make_view(name, tables_in(snapshot)))
    return bytes(snapshot.tables.get(name=name).content)


def write_all(snapshot: Snapshot, ending: str) -> Iterator[bytes]:
    """All tables in one file. Raises what is in CannotWrite."""
    tables = tables_in(snapshot)
    yield _WHOLE[ending](snapshot, tables)


def write_file(snapshot: Snapshot, name: str, ending: str) -> Iterable[bytes]:
    """Any file of the snapshot (``is_file``). Raises what is in CannotWrite before the first piece."""
    whole = name == ALL
    return list(write_all(snapshot, ending)) if whole else write_table(snapshot, name, ending)


@dataclass(frozen=True, slots=True)
class Work:
    """A file to be made: its rows, and its parts from the first one that is not there yet."""

    rows: int
    parts: Iterator[tuple[int, bytes]]


def plan_file(
    snapshot: Snapshot, name: str, ending: str, *, rows_a_part: int, has_begun: bool, rows_done: int
) -> Work:
    """The same bytes as those of ``write_table`` and ``write_all``, after ``rows_done`` rows.

    Only CSV has several parts, its header the first: the other formats write at the end what they count at
    the beginning. Making a part raises what is in CannotWrite.
    """
    if name == ALL:
        rows = sum(table["rows"] for table in snapshot.manifest["tables"].values())
        return Work(rows, _whole(rows, lambda: b"".join(write_all(snapshot, ending)), has_begun=has_begun))
    content = _parquet_of(snapshot, name)
    rows = count_rows(content)
    if ending not in ("csv", "bom.csv"):
        whole = _whole(rows, lambda: b"".join(write_table(snapshot, name, ending)), has_begun=has_begun)
        return Work(rows, whole)
    header = csv_chunks([], schema=schema_in(content), bom=ending == "bom.csv")
    parts = _csv_parts(content, rows_a_part=rows_a_part, rows_done=rows_done)
    return Work(rows, parts if has_begun else chain(((0, piece) for piece in header), parts))


def _whole(rows: int, make: Callable[[], bytes], *, has_begun: bool) -> Iterator[tuple[int, bytes]]:
    if not has_begun:
        yield rows, make()


def _csv_parts(content: bytes, *, rows_a_part: int, rows_done: int) -> Iterator[tuple[int, bytes]]:
    schema = schema_in(content)
    for batch in read_batches(content, rows=rows_a_part):
        # By rows and not by parts: their size may have been set anew meanwhile.
        rest = batch.slice(rows_done)
        rows_done = max(rows_done - batch.num_rows, 0)
        if rest.num_rows:
            yield rest.num_rows, b"".join(csv_chunks([rest], schema=schema, header=False))


def tables_in(snapshot: Snapshot) -> dict[str, pa.Table]:
    return {name: table_of(snapshot, name) for name in snapshot.tables.values_list("name", flat=True)}


def provenance_of(snapshot: Snapshot) -> dict[str, str]:
    """Where the tables come from, in words."""
    manifest: Mapping[str, Any] = snapshot.manifest
    return {
        "snapshot": snapshot.pk,
        "question": snapshot.question or "every trial",
        "form": FORMS[snapshot.form],
        "engine": str(manifest["engine"]),
        "rule sets": "; ".join(manifest["rule_sets"]),
        "notice": "Informs a clinician and decides nothing. Not a medical device, not CE marked.",
        "percent": "Each percent is of one trial: 100 * (baseline mean - trial mean) / baseline mean. "
        "Their mean is a mean of percents, not the percent of the means.",
    }


_WHOLE: Final[Mapping[str, Callable[[Snapshot, Tables], bytes]]] = {
    "xlsx": lambda snapshot, tables: to_xlsx(
        tables, dictionary=read_dictionary(), provenance=provenance_of(snapshot), created=snapshot.made_at
    ),
    "sqlite": lambda snapshot, tables: to_sqlite(
        tables, dictionary=read_dictionary(), provenance=provenance_of(snapshot)
    ),
    "redcap.csv": lambda _, tables: to_flat(tables),
    "redcap-eav.csv": lambda _, tables: to_eav(tables),
    "redcap-dictionary.csv": lambda _, tables: to_dictionary(tables, dictionary=read_dictionary()),
}
