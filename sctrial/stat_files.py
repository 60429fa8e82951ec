"""Tables for SAS, SPSS and Stata, written by pyreadstat: labels from the dictionary, flags as 0 and 1.

Their headers carry the clock, so two files of the same table differ in bytes: compare what is in them.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any, Final

import pandas as pd
import pyarrow as pa
import pyreadstat

from sctrial.dictionary import Kind, Table

#: Bytes of a text in a transport file version 5. Source: SAS technical note TS-140.
LONGEST_TEXT: Final = 200


class TextTooLong(ValueError):
    """A text that a transport file cannot hold; the message names column and remedy."""


def to_xpt(content: pa.Table, *, table: Table) -> bytes:
    """A SAS transport file, version 5, under the SAS names of the dictionary. Raises TextTooLong.

    The format has no missing text: a reader sees "".
    """
    frame = _frame(content, table)
    for name in frame.columns:
        _check_length(frame[name], name)
    names = {column.name: column.xpt for column in table.columns}
    labels = {column.xpt: column.label for column in table.columns}
    return _written(
        frame.rename(columns=names),
        pyreadstat.write_xport,
        column_labels=labels,
        table_name=table.name[:8].upper(),
        file_format_version=5,
    )


def to_sav(content: pa.Table, *, table: Table) -> bytes:
    """A file for SPSS."""
    return _written(_frame(content, table), pyreadstat.write_sav, column_labels=_labels(table))


def to_dta(content: pa.Table, *, table: Table) -> bytes:
    """A file for Stata 15 and later."""
    return _written(_frame(content, table), pyreadstat.write_dta, column_labels=_labels(table), version=15)


#: What each makes, by the ending of the file.
WRITERS: Final[Mapping[str, Callable[..., bytes]]] = MappingProxyType(
    {"xpt": to_xpt, "sav": to_sav, "dta": to_dta}
)


def _labels(table: Table) -> dict[str, str]:
    return {column.name: column.label for column in table.columns}


def _frame(content: pa.Table, table: Table) -> pd.DataFrame:
    """Numbers as floats, which alone have a missing value in all three; texts as "" where missing."""
    columns: dict[str, pd.Series] = {}
    for name in content.column_names:
        values = pd.Series(content.column(name).to_pylist(), dtype="object")
        match table.column(name).type:
            case Kind.TEXT:
                columns[name] = values.where(values.notna(), "")
            case Kind.DATE:
                columns[name] = values
            case _:
                columns[name] = pd.to_numeric(values).astype("float64")
    return pd.DataFrame(columns)


def _check_length(values: pd.Series, name: str) -> None:
    longest = max((len(value.encode()) for value in values if isinstance(value, str)), default=0)
    if longest > LONGEST_TEXT:
        raise TextTooLong(
            f"{name} holds a text of {longest} bytes; a SAS transport file takes {LONGEST_TEXT}: take "
            "CSV or Parquet"
        )


def _written(frame: pd.DataFrame, write: Callable[..., None], **options: Any) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "table"
        write(frame, str(path), **options)
        return path.read_bytes()
