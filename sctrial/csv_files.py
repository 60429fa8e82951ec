"""CSV that a spreadsheet cannot run: UTF-8, RFC 4180, one line a row, missing values empty."""

import io
from collections.abc import Iterable, Iterator
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

BOM: Final = b"\xef\xbb\xbf"
#: What a spreadsheet takes for the beginning of a formula. Source: OWASP, CSV Injection.
FORMULA: Final = r"^([=+\-@\t\r])"


def csv_chunks(
    batches: Iterable[pa.RecordBatch], *, schema: pa.Schema, bom: bool = False, header: bool = True
) -> Iterator[bytes]:
    """The file in pieces: the header first, then a piece for each batch.

    Without ``header`` the pieces continue a file that has begun: together the bytes are the same.

    A text that begins like a formula gets an apostrophe before it; numbers stay as they are. ``bom`` is for
    Excel, which takes UTF-8 for something else without it.
    """
    if header:
        yield (BOM if bom else b"") + _written(schema.empty_table(), header=True)
    for batch in batches:
        yield _written(_harmless(pa.Table.from_batches([batch], schema=schema)), header=False)


def to_csv(table: pa.Table, *, bom: bool = False) -> bytes:
    """The whole file."""
    return b"".join(csv_chunks(table.to_batches(), schema=table.schema, bom=bom))


def harmless(text: str) -> str:
    """``text`` as a spreadsheet may read it."""
    return f"'{text}" if text[:1] in tuple("=+-@\t\r") else text


def _harmless(table: pa.Table) -> pa.Table:
    for place, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            safe = pc.replace_substring_regex(table.column(place), pattern=FORMULA, replacement=r"'\1")
            table = table.set_column(place, field, safe)
    return table


def _written(table: pa.Table, *, header: bool) -> bytes:
    out = io.BytesIO()
    options = pa_csv.WriteOptions(include_header=header, quoting_style="needed")
    pa_csv.write_csv(table, out, options)
    return out.getvalue()
