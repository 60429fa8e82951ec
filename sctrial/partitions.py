"""A table as a folder of Parquet files that DuckDB, Spark and BigQuery read as one.

All rows of a person lie in one bucket, in every table, so buckets can be judged, joined and averaged apart.
Buckets are made of study ids, never of clinics or years: whoever sees the folder reads its names, which must
tell nothing.
"""

import hashlib
from collections.abc import Iterator
from typing import Final

import numpy as np
import pyarrow as pa

from sctrial.arrow_tables import to_parquet

PARTITION: Final = "bucket"
MOST_BUCKETS: Final = 1000


def bucket_of(person: str, *, buckets: int) -> int:
    """The first 8 bytes of SHA-256 modulo ``buckets``: the same on every machine."""
    return int.from_bytes(hashlib.sha256(person.encode()).digest()[:8], "big") % buckets


def write_partitions(table: pa.Table, *, person: str, buckets: int) -> Iterator[tuple[str, bytes]]:
    """Path and bytes of each file, bucket by bucket, rows in the order of ``table``; same rows, same bytes.

    ``person`` is the column with study ids. A table without a row is one file, so that its columns
    are not lost. Raises ValueError for a number of buckets outside 1 to 1000.
    """
    if not 1 <= buckets <= MOST_BUCKETS:
        raise ValueError(f"{buckets} buckets cannot be made; ask for 1 to {MOST_BUCKETS}")
    ids = table.column(person).combine_chunks().dictionary_encode()
    of_person = np.array([bucket_of(each, buckets=buckets) for each in ids.dictionary.to_pylist()], np.int64)
    of_row = of_person[ids.indices.to_numpy()]
    for bucket in np.unique(of_row).tolist() or [0]:
        rows = table.take(pa.array(np.flatnonzero(of_row == bucket)))
        yield f"{PARTITION}={bucket:0{len(str(buckets - 1))}d}/part-0.parquet", to_parquet(rows)
