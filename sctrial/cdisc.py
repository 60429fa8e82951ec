"""CDISC-style tables of a snapshot: names and ideas of ADSL, ADQS, ADTTE and QS, without a claim to conform.

Made of the tables as they left, so they tell nothing more than those do. Sources: CDISC SDTM (QS, study days
without day 0) and ADaM (BDS, time to event), as ``tables/cdisc.toml`` says column by column.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa

from sctrial.arrow_tables import to_arrow
from sctrial.dictionary import Kind, Table, read_cdisc

STUDY: Final = "SCTRIAL"
#: Codes of at most eight letters for the kinds of pain scores.
PARAMETERS: Final[Mapping[str, str]] = MappingProxyType(
    {"average": "PAINAVG", "worst": "PAINWRST", "least": "PAINLST", "current": "PAINCUR"}
)
WHOLE_DIARY: Final = "QSALL"
#: Decimals of a percent change that are compared with a criterion: its last digits are the machine's.
_DECIMALS: Final = 9
_DTYPES: Final[Mapping[Kind, str]] = MappingProxyType({Kind.INTEGER: "Int64", Kind.NUMBER: "float64"})

Tables = Mapping[str, pa.Table]


def make_view(name: str, tables: Tables) -> pa.Table:
    """The CDISC-style table ``name`` of the tables of a snapshot. Raises KeyError for a name there is not."""
    return _typed(_VIEWS[name](tables), read_cdisc()[name])


def make_adsl(tables: Tables) -> pd.DataFrame:
    """One row a patient, told by their first trial in the snapshot."""
    subjects, trials = _frame(tables, "subjects"), _frame(tables, "trials")
    ordered = trials.sort_values(["study_id", "repeat_number"], kind="stable")
    first = ordered.drop_duplicates("study_id").set_index("study_id")
    implanted = set(trials.loc[trials["implanted_day"].notna(), "study_id"])
    one = first.reindex(subjects["study_id"]).reset_index(drop=True)
    return pd.DataFrame(
        {
            "STUDYID": STUDY,
            "USUBJID": subjects["study_id"],
            "SITEID": subjects["site"],
            "AGEGR1": subjects["age_band"],
            "DXCODE": subjects["diagnosis"],
            "TRT01P": one["modality"],
            "NTRIAL": subjects["trials"],
            "LEADFL": _yes_no(one["leads_placed"]),
            "COMPLFL": _yes_no(one["answer"].isin(["met", "not_met"])),
            "RESPFL": one["answer"].map({"met": "Y", "not_met": "N"}),
            "IMPLFL": _yes_no(subjects["study_id"].isin(implanted)),
        }
    )


def make_adqs(tables: Tables) -> pd.DataFrame:
    """Pain by day with its baseline: a derived row for each, and the change of every day after it."""
    daily = _frame(tables, "daily")
    pain = daily[daily["parameter"].isin(PARAMETERS)].reset_index(drop=True)
    keys = ["study_id", "trial_id", "region", "parameter", "unit"]
    base = _baselines(pain, _frame(tables, "trials"), keys)
    rows = pain.merge(base, how="left", on=keys)
    after = rows["phase"] == "trial"
    change = (rows["value"] - rows["base"]).where(after)
    percent = (100 * change / rows["base"]).where(rows["base"] != 0)
    collected = _adqs_rows(rows).assign(CHG=change, PCHG=percent)
    for number, limit in ((1, -50), (2, -30)):
        known = percent.notna()
        met = _yes_no(percent.round(_DECIMALS) <= limit)
        collected[f"CRIT{number}"] = pd.Series(f"PCHG <= {limit}", index=rows.index).where(known)
        collected[f"CRIT{number}FL"] = met.where(known)
    derived = base.assign(value=base["base"], phase="baseline", diary_day=None)
    return pd.concat([collected, _adqs_rows(derived).assign(ABLFL="Y", DTYPE="AVERAGE")], ignore_index=True)


def _baselines(pain: pd.DataFrame, trials: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Mean of the baseline days of each parameter; of average target pain, what the verdict took."""
    before = pain[pain["phase"] == "baseline"]
    base = before.groupby(keys)["value"].mean().rename("base").reset_index()
    judged = base["trial_id"].map(trials.set_index("trial_id")["baseline_mean"])
    decided_on = (base["region"] == "target") & (base["parameter"] == "average") & judged.notna()
    return base.assign(base=base["base"].mask(decided_on, judged))


def _adqs_rows(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "STUDYID": STUDY,
            "USUBJID": rows["study_id"],
            "TRIALID": rows["trial_id"],
            "PARAMCD": rows["parameter"].map(PARAMETERS),
            "PARAM": "Pain, " + rows["parameter"],
            "REGION": rows["region"],
            "APHASE": rows["phase"].str.upper(),
            "ADY": rows["diary_day"],
            "AVAL": rows["value"],
            "AVALU": rows["unit"],
            "BASE": rows["base"],
        }
    )


def make_adtte(tables: Tables) -> pd.DataFrame:
    """Days from implant to explant, censored where the patient was last seen."""
    trials = _frame(tables, "trials")
    rows = trials[trials["implanted_day"].notna()].reset_index(drop=True)
    explanted = rows["explanted_day"].notna()
    until = rows["explanted_day"].where(explanted, rows["last_seen_day"])
    return pd.DataFrame(
        {
            "STUDYID": STUDY,
            "USUBJID": rows["study_id"],
            "TRIALID": rows["trial_id"],
            "PARAMCD": "TTEXPL",
            "PARAM": "Time from implant to explant",
            "AVAL": _days_between(rows["implanted_day"], until),
            "CNSR": (~explanted).astype(int),
            "EVNTDESC": np.where(explanted, "EXPLANT", "LAST SEEN"),
            "EVNTRSN": rows["explant_reason"],
        }
    )


def _days_between(start: pd.Series, end: pd.Series) -> pd.Series:
    """Of two study days: there is no day 0 between -1 and 1."""
    return end.astype("float64") - start - ((start < 0) & (end > 0)).astype(int)


def make_qs(tables: Tables) -> pd.DataFrame:
    """Every entry as collected, superseded ones too, and a row NOT DONE for each window without an answer."""
    entries, expected = _frame(tables, "entries"), _frame(tables, "expected")
    missed = expected[expected["state"] != "answered"].reset_index(drop=True)
    done = _qs_rows(entries, entries["kind"].map(PARAMETERS), "Pain, " + entries["kind"]).assign(
        QSSEQ=entries["entry_number"],
        QSLOC=entries["region"],
        QSORRES=entries["value"].map(lambda value: f"{value:g}"),
        QSSTRESN=entries["value"],
        QSEVAL=entries["originator"],
        QSSUPFL=entries["replaced"].map({True: "Y"}),
    )
    not_done = _qs_rows(missed, WHOLE_DIARY, "Pain diary").assign(
        QSSEQ=missed["window_number"], QSSTAT="NOT DONE", QSREASND=missed["why_missing"]
    )
    return pd.concat([done, not_done], ignore_index=True)


def _qs_rows(rows: pd.DataFrame, code: pd.Series | str, words: pd.Series | str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "STUDYID": STUDY,
            "USUBJID": rows["study_id"],
            "TRIALID": rows["trial_id"],
            "QSTESTCD": code,
            "QSTEST": words,
            "QSCAT": "PAIN DIARY",
            "QSDY": rows["diary_day"],
        }
    )


_VIEWS: Final[Mapping[str, Callable[[Tables], pd.DataFrame]]] = MappingProxyType(
    {"adsl": make_adsl, "adqs": make_adqs, "adtte": make_adtte, "qs": make_qs}
)


def _frame(tables: Tables, name: str) -> pd.DataFrame:
    """Numbers as floats, so that a missing one is NaN; the others as objects, also where there is no row."""
    table = tables[name]
    kinds = {
        field.name: "float64"
        if pa.types.is_integer(field.type) or pa.types.is_floating(field.type)
        else "object"
        for field in table.schema
    }
    columns = {name: pd.Series(table.column(name).to_pylist(), dtype="object") for name in kinds}
    return pd.DataFrame(columns).astype(kinds)


def _yes_no(values: pd.Series) -> pd.Series:
    return values.map({True: "Y", False: "N"})


def _typed(frame: pd.DataFrame, table: Table) -> pa.Table:
    whole = frame.reindex(columns=[column.name for column in table.columns])
    for column in table.columns:
        if column.type in _DTYPES:
            whole = whole.astype({column.name: _DTYPES[column.type]})
        else:
            whole[column.name] = whole[column.name].astype("object").where(whole[column.name].notna(), "")
    return to_arrow(whole.sort_values(list(table.key), kind="stable", ignore_index=True), table.columns)
