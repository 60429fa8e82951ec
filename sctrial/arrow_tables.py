"""Tables as Arrow and Parquet: one schema from the dictionary, the same bytes for the same rows.

Nothing of the machine, the clock or pandas is in a file. A missing value is null, of texts too.
"""

import io
from collections.abc import Iterator, Sequence
from typing import Final

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sctrial.dictionary import Column, Kind

TYPES: Final[dict[Kind, pa.DataType]] = {
    Kind.TEXT: pa.string(),
    Kind.INTEGER: pa.int64(),
    Kind.NUMBER: pa.float64(),
    Kind.DATE: pa.date32(),
    Kind.FLAG: pa.bool_(),
}
ROWS_A_GROUP: Final = 100_000


def to_arrow(frame: pd.DataFrame, columns: Sequence[Column]) -> pa.Table:
    """``frame`` with exactly ``columns``, each with its label and unit beside it."""
    return pa.table(
        [_array(frame[column.name], column) for column in columns],
        schema=pa.schema([_field(column) for column in columns]),
    )


def to_parquet(table: pa.Table) -> bytes:
    """One Parquet file, compressed by zstd."""
    out = io.BytesIO()
    pq.write_table(table, out, compression="zstd", row_group_size=ROWS_A_GROUP)
    return out.getvalue()


def read_parquet(content: bytes) -> pa.Table:
    """The inverse of ``to_parquet``."""
    return pq.read_table(io.BytesIO(content))


def schema_in(content: bytes) -> pa.Schema:
    """The columns of a Parquet file."""
    return pq.read_schema(io.BytesIO(content))


def count_rows(content: bytes) -> int:
    """Rows of a Parquet file, from its footer."""
    rows: int = pq.read_metadata(io.BytesIO(content)).num_rows
    return rows


def read_batches(content: bytes, *, rows: int = ROWS_A_GROUP) -> Iterator[pa.RecordBatch]:
    """The rows of a Parquet file, at most ``rows`` at a time, for who cannot hold them all."""
    yield from pq.ParquetFile(io.BytesIO(content)).iter_batches(batch_size=rows)


def _field(column: Column) -> pa.Field:
    about = {"label": column.label} | ({"unit": column.unit} if column.unit else {})
    return pa.field(column.name, TYPES[column.type], metadata=about)


def _array(values: pd.Series, column: Column) -> pa.Array:
    if column.type is Kind.TEXT:
        values = values.astype("object").mask(values == "", None)
    if column.type is Kind.DATE:
        values = values.dt.date.astype("object")
    found = pa.Array.from_pandas(values, type=TYPES[column.type])
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found
