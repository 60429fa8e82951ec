"""Two made-up tables of a snapshot, as they leave."""

from collections.abc import Mapping

import pandas as pd
import pyarrow as pa

from sctrial.arrow_tables import to_arrow
from sctrial.deidentify_tables import Form, columns_of
from sctrial.dictionary import Kind, Table, read_dictionary

DICTIONARY = read_dictionary()
#: Percent reductions of the made-up trials; the third has none.
PERCENTS = (62.5, -12.5, None, 50.0)
MEAN = (62.5 - 12.5 + 50.0) / 3
_EMPTY = {Kind.TEXT: "", Kind.FLAG: False}


def made(name: str, *rows: Mapping[str, object], form: Form = Form.SHIFTED) -> pa.Table:
    """A table of the dictionary with these cells, all others missing."""
    table: Table = DICTIONARY[name]
    columns = columns_of(table, form=form)
    kinds = {Kind.INTEGER: "Int64", Kind.NUMBER: "float64", Kind.DATE: "datetime64[s]", Kind.FLAG: "boolean"}
    filled = [{column.name: _EMPTY.get(column.type) for column in columns} | dict(row) for row in rows]
    frame = pd.DataFrame(filled, columns=[column.name for column in columns], dtype="object")
    typed = frame.astype({column.name: kinds.get(column.type, "object") for column in columns})
    return to_arrow(typed, columns)


def made_tables() -> dict[str, pa.Table]:
    trials = [
        {
            "study_id": f"S{n}",
            "trial_id": f"S{n}-1",
            "modality": "SCS",
            "repeat_number": 1,
            "percent_reduction": percent,
            "lead_placed_on": pd.Timestamp(2026, 10, 8 + n),
            "device": "=cmd|' /C calc'!A0" if n == 0 else "Invented Größe",
        }
        for n, percent in enumerate(PERCENTS)
    ]
    entries = [
        {"study_id": "S0", "trial_id": "S0-1", "entry_number": n, "value": float(n), "replaced": n == 1}
        for n in (1, 2)
    ]
    subjects = [{"study_id": f"S{n}", "trials": 1, "language": "de"} for n in range(len(PERCENTS))]
    return {
        "subjects": made("subjects", *subjects),
        "trials": made("trials", *trials),
        "entries": made("entries", *entries),
    }
