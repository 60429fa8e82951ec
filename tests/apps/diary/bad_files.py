"""Files and mappings that no import takes, and what is said of each: tried by the command and by the page."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tests.apps.diary.imported import CSV, HEADER, MAPPING, ROWS

UNREADABLE = {
    "empty": (b"", "is empty"),
    "only blanks": (b" \r\n\t\n", "is empty"),
    "only a BOM": (b"\xef\xbb\xbf", "is empty"),
    "header only": (HEADER.encode(), "column titles and no rows"),
    "UTF-16": (CSV.encode("utf-16"), "save it as UTF-8"),
    "UTF-16 without BOM": (CSV.encode("utf-16-le"), "save it as UTF-8"),
    "HTML": (b"<!DOCTYPE html><html><body>Please log in</body></html>", "is HTML or XML"),
    "HTML after blanks": (b"\n\n  <html>", "is HTML or XML"),
    "workbook": (b"PK\x03\x04\x14\x00", "save the sheet as CSV"),
    "old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1", "save the sheet as CSV"),
    "gzip": (b"\x1f\x8b\x08\x00", "unpack it first"),
    "PDF": (b"%PDF-1.7", "is a PDF"),
    "antivirus test string": (rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD", "no column 'score'"),
    "double column": (b"name,day,score,score\na,b,1,2\n", "'score' stands there twice"),
    "empty titles": (b",,\n1,2,3\n", "titles are missing"),
    "column that nobody mapped": (
        b"name,day,score,note\na,b,1,x\n",
        "does not say what becomes of column 'note'",
    ),
    "other delimiter": (CSV.replace(",", ";").encode(), "file.delimiter"),
    "10,000 columns": (",".join(f"c{n}" for n in range(10_000)).encode() + b"\n", "and 9995 more"),
    "quotation mark left open": ((HEADER + '"Left leg,2026-10-01,8\n' + ROWS).encode(), "line 2: "),
    "text after a quotation": ((HEADER + '"Left" leg,2026-10-01,8\n').encode(), "line 2: "),
}

WITH_DECIMALS = {"nrs_11": "numeric_0_10"}
# fmt: off
SCORES = [
    "", " ", "NA", "None", "null", "NaN", "True", "-0", "-1", "+7", "1e5", "1e1", "1-2", "７", "7,5",
     "#REF!", "=1+1", " 7", "7 ", "0x7", "11", "10.1", "7/2", "45992", "7.5.1", "٧",
]
# fmt: on
DAYS = [
    ("2026-02-30", "not in the calendar"),
    ("2026-13-01", "not in the calendar"),
    ("03/04/2026", "not written as YYYY-MM-DD"),
    ("13/04/2026", "not written as YYYY-MM-DD"),
    ("26-10-01", "not written as YYYY-MM-DD"),
    ("45992", "not written as YYYY-MM-DD"),
    ("２０２６-10-01", "not written as YYYY-MM-DD"),
    ("", "not written as YYYY-MM-DD"),
    ("2999-12-31", "the day of this import: correct the date"),
]
LENGTHS = ["Left leg,2026-10-03", "Left leg,2026-10-03,4,5", "Left leg;2026-10-03;4", "x"]
NO_TEXT = [(b"Left\x00leg", "NUL"), (b"Left \xfcleg", "not UTF-8"), (b"\xed\xa0\x80", "not UTF-8")]
LEADS, END = "lead_placed_on = 2026-10-01", "ended_on = 2026-10-09"
STAMP = 'stamp = "at"\nstamp_form = "YYYY-MM-DD"'
TRIAL = MAPPING[MAPPING.index("[trial]") :]
# fmt: off
MAPPINGS = [
    ({'patient = "P-7"': 'patiant = "P-7"'}, "patiant", "is not known here"),
    ({"[regions]": '[file]\ndelimeter = ";"\n\n[regions]'}, "file.delimeter", "is not known here"),
    ({'score = "score"': 'score = "score"\nscale = "x"'}, "columns.scale", "is not known here"),
    ({"create = true": "create = true\nphase = 1"}, "trial.phase", "is not known here"),
    ({"create = true": "create = false"}, "trial.", "is not known here"),
    ({"nrs_11": "nrs_10"}, "scale", "must be one of: nrs_11, "),
    ({'"average"': '"mean"'}, "kind", "must be one of: average, "),
    ({'"skip"': '"drop"'}, "duplicates", "must be one of: keep, skip"),
    ({'duplicates = "skip"\n': ""}, "duplicates", "must be one of: keep, skip"),
    ({"Europe/Berlin": "CET+1"}, "zone", "write unstated if nobody knows"),
    ({"Europe/Berlin": "localtime"}, "zone", "write unstated if nobody knows"),
    ({"NORTH_PP": "SOUTH_PP"}, "trial.rule_set", "NORTH_PP"),
    ({"last-n-days:3": "last-3-days"}, "trial.trial_window", "write one of"),
    ({"last-n-days:3": "best-day"}, "trial.trial_window", "may be shown but not judged"),
    ({'"SCS"': '"TENS"'}, "trial.modality", "SCS, DRG"),
    ({'area = "Left leg"': f'area = "{"x" * 121}"'}, "trial.target_area", "shorten it to 120"),
    ({"baseline_days = 2": "baseline_days = 0"}, "trial.baseline_days", "whole number from 1"),
    ({"baseline_days = 2": "baseline_days = true"}, "trial.baseline_days", "whole number from 1"),
    ({"baseline_days = 2\n": ""}, "trial.baseline_days", "whole number from 1"),
    ({"baseline_days = 2": "baseline_days = 2\n" + LEADS}, "trial.baseline_days", "is not known here"),
    ({"baseline_days = 2": "baseline_days = 2\n" + END}, "trial.end_reason", "must be one of"),
    ({"YYYY-MM-DD": "YY-MM-DD"}, "columns.date_form", "is not a form of a date"),
    ({"YYYY-MM-DD": "YYYY-MM"}, "columns.date_form", "does not name day, month and year"),
    ({"YYYY-MM-DD": "YYYY-MM-DD D"}, "columns.date_form", "names one part twice"),
    ({'date = "day"\n': 'day = "day"\n'}, "columns.date", "or day, month and year in its place"),
    ({'date = "day"\n': 'date = "day"\nyear = "y"\n'}, "columns.date", "or day, month and year"),
    ({"date_form": f"{STAMP}\ndate_form"}, "columns.stamp_form", "names no time of day"),
    ({'Back = "back"': 'Back = "Lower Back"'}, "regions.Back", "must be small letters"),
    ({'Back = "back"': "Back = 1"}, "regions.Back", "must be text"),
    ({'happiness = "mood, not pain"': 'happiness = ""'}, "skip.happiness", "must be text, not empty"),
    ({"happiness": "Back"}, "skip", "'Back' stands in [regions] too"),
    ({'patient = "P-7"\n': ""}, "patient", "either here or by columns.patient"),
    ({'name = "name"\n': 'name = "name"\npatient = "id"\n'}, "patient", "not both"),
    ({'name = "name"\n': ""}, "columns.name", "is needed when"),
    ({'patient = "P-7"': 'patient = "P-7"\nregion = "target"'}, "region", "[regions] table"),
    ({"paper-nrs/1": "paper nrs"}, "instrument_version", "such as my-scale/1"),
    ({TRIAL: ""}, "trial", "must be a table"),
    ({"[trial]": "[[trial]]"}, "trial", "must be a table"),
    ({'patient = "P-7"': "patient = "}, "", "not TOML"),
    ({'patient = "P-7"': f"patient = {'[' * 5000}"}, "", "not TOML"),
    ({'patient = "P-7"': f"patient = {'9' * 5000}"}, "", "not TOML"),
    ({"baseline_days = 2": "baseline_days = 10000"}, "trial.baseline_days", "at most 9999"),
    ({"create = true": "create = true\nrepeat_number = 32768"}, "trial.repeat_number", "at most 32767"),
    ({'area = "Left leg"': 'area = "Left\\u0000leg"'}, "trial.target_area", "holds a NUL"),
    ({"mood, not pain": "mood\\u0000"}, "skip.happiness", "holds a NUL"),
]
DATES = [
    ({"baseline_days = 2": "lead_placed_on = 2026-09-30"}, "before the diary begins"),
    ({"baseline_days = 2": "baseline_days = 9999"}, "after the day of this import"),
    ({"baseline_days = 2": 'baseline_days = 7\nend_reason = "success"'}, "before the leads"),
]
# fmt: on


def with_score(score: str) -> str:
    return f'{HEADER}Left leg,2026-10-01,"{score}"\n{CSV.removeprefix(HEADER)}'


def with_day(day: str) -> str:
    return f"{CSV}Left leg,{day},4\n"


def with_row(row: str) -> str:
    return f"{CSV}{row}\n"


def with_cell(cell: bytes) -> bytes:
    return CSV.encode() + cell + b",2026-10-03,4\n"


@dataclass(frozen=True, slots=True)
class Bad:
    """``says`` are words of the refusal; ``line`` and ``column`` name what is wrong, where it is a row."""

    name: str
    content: bytes
    says: tuple[str, ...]
    line: str = ""
    column: str = ""
    mapping: Mapping[str, str] = field(default_factory=dict)


def every_bad_file() -> Iterator[Bad]:
    yield from (Bad(name, content, (says,)) for name, (content, says) in UNREADABLE.items())
    for score in SCORES:
        yield Bad(f"score {score!r}", with_score(score).encode(), (), "2", "score", WITH_DECIMALS)
    for day, says in DAYS:
        yield Bad(f"day {day!r}", with_day(day).encode(), (says,), "7", "day")
    for row in LENGTHS:
        yield Bad(f"row {row!r}", with_row(row).encode(), ("where the header has 3",), "7")
    for cell, says in NO_TEXT:
        yield Bad(f"cell {cell!r}", with_cell(cell), (says,), "7", "name")
    for changes, key, says in MAPPINGS:
        yield Bad(f"mapping {key}: {says}", CSV.encode(), (key, says), mapping=changes)
    for changes, says in DATES:
        yield Bad(says, CSV.encode(), (says, "correct the dates under"), mapping=changes)
