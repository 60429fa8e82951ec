"""The tidy file: what is tolerated, and every fault by line and column."""

import random
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sctrial.evidence import Entry
from sctrial.phases import DiaryPhase
from sctrial.scales import SCALES, ScaleCode, ScoreKind
from sctrial.tidy import COLUMNS, TidyError, read_tidy

F = Fraction

HEADER = "patient,date,phase,region,kind,value"
ROW = "P1,2026-03-02,baseline,target,average,7"
DECIMAL = SCALES[ScaleCode.NUMERIC_0_10]


def read(text: str | bytes) -> dict[str, tuple[Entry, ...]]:
    data = text if isinstance(text, bytes) else text.encode()
    return read_tidy(data, scale=DECIMAL)


def faults(text: str | bytes) -> list[str]:
    with pytest.raises(TidyError) as error:
        read(text)
    return [str(problem) for problem in error.value.problems]


def test_a_row_becomes_an_entry() -> None:
    (entry,) = read(f"{HEADER}\n{ROW}\n")["P1"]

    assert entry == Entry(date(2026, 3, 2), DiaryPhase.BASELINE, "target", ScoreKind.AVERAGE, F(7))


PLAIN = f"{HEADER}\n{ROW}\nP1,2026-03-10,trial,target,average,3.5\n"


# fmt: off
DRESSES = [
    PLAIN.encode("utf-8-sig"),
    PLAIN.replace("\n", "\r\n").encode(),
    PLAIN.replace("\n", "\r").encode(),
    PLAIN.rstrip("\n").encode(),
    PLAIN.replace("\n", "\n\n").encode(),
    "\n".join(",".join(f'"{cell}"' for cell in line.split(",")) for line in PLAIN.split()).encode(),
    "\n".join(",".join(reversed(line.split(","))) for line in PLAIN.split()).encode(),
]
# fmt: on


@pytest.mark.parametrize(
    "dressed",
    DRESSES,
    ids=[
        "byte order mark",
        "CRLF",
        "bare CR",
        "no last line end",
        "empty lines",
        "quoted",
        "other column order",
    ],
)
def test_the_dress_of_a_file_does_not_matter(dressed: bytes) -> None:
    assert read(dressed) == read(PLAIN)


@given(st.permutations(range(6)))
def test_columns_may_stand_in_any_order(order: list[int]) -> None:
    shuffled = "\n".join(",".join(line.split(",")[at] for at in order) for line in PLAIN.split())

    assert read(shuffled) == read(PLAIN)


@pytest.mark.parametrize("patient", ["007", "NA", "None", "null", "NaN", "0", "true", "é ß 患者", "=1+1"])
def test_ids_are_ordinary_text(patient: str) -> None:
    assert list(read(f"{HEADER}\n{ROW.replace('P1', patient)}\n")) == [patient]


def test_a_quoted_comma_belongs_to_the_cell() -> None:
    assert list(read(f"{HEADER}\n{ROW.replace('P1', chr(34) + 'Doe, J' + chr(34))}\n")) == ["Doe, J"]


def test_rows_keep_their_order_within_a_patient() -> None:
    rows = [ROW.replace(",7", f",{value}") for value in (7, 3, 5)]

    assert [entry.value for entry in read("\n".join([HEADER, *rows]))["P1"]] == [7, 3, 5]


# fmt: off
BAD_CELLS = [
    ("P1",         "",             "line 2, column patient: is empty; fill it in"),
    ("P1",         "  ",           "line 2, column patient: is empty; fill it in"),
    ("P1",         "P1 ",          "line 2, column patient: 'P1 ' has blanks at an end"),
    ("P1",         '"P\n1"',       "line 2, column patient: 'P\\n1' has blanks at an end or unprintable"),
    ("P1",         "P\x1b[2J",     "line 2, column patient: 'P\\x1b[2J' has blanks at an end or unprintable"),
    ("2026-03-02", "02.03.2026",   "line 2, column date: '02.03.2026' is not a date; write it as YYYY-MM-DD"),
    ("2026-03-02", "2026-02-30",   "line 2, column date: '2026-02-30' is not a day of the calendar"),
    ("2026-03-02", "２０２６-03-02", "line 2, column date: '２０２６-03-02' is not a date"),
    ("2026-03-02", "",             "line 2, column date: '' is not a date"),
    ("baseline",   "Baseline",     "line 2, column phase: 'Baseline' is not known; write one of: ba"),
    ("target",     "",             "line 2, column region: is empty"),
    ("average",    "mood",         "line 2, column kind: 'mood' is not known; write one of: average, worst"),
    ("average",    "",             "line 2, column kind: '' is not known"),
    (",7",         ",",            "line 2, column value: an empty value is not a score"),
    (",7",         ",10.1",        "line 2, column value: 10.1 is outside"),
    (",7",         ",-1",          "line 2, column value: '-1' is not a score"),
    (",7",         ',"3,5"',       "line 2, column value: '3,5' is not a score"),
    (",7",         ",NaN",         "line 2, column value: 'NaN' is not a score"),
    (",7",         ",NA",          "line 2, column value: 'NA' is not a score"),
    (",7",         ",7,",          "line 2: has 7 cells, the header has 6"),
    (",7",         "",             "line 2: has 5 cells, the header has 6"),
]
# fmt: on


@pytest.mark.parametrize(("old", "new", "fault"), BAD_CELLS)
def test_a_bad_cell_is_named_by_line_and_column_with_the_remedy(old: str, new: str, fault: str) -> None:
    (found,) = faults(f"{HEADER}\n{ROW.replace(old, new)}\n")

    assert found.startswith(fault)


def test_all_faults_of_all_rows_are_collected() -> None:
    bad = "P1,2026-03-02,before,target,mood,11"

    found = faults(f"{HEADER}\n{ROW}\n{bad}\n{ROW}\nP1,x\n{bad}")

    assert [fault.split(":")[0] for fault in found] == [
        "line 3, column phase", "line 3, column kind", "line 3, column value",
        "line 5",
        "line 6, column phase", "line 6, column kind", "line 6, column value",
    ]  # fmt: skip


def test_a_line_is_counted_as_an_editor_counts_it() -> None:
    over_two_lines = ROW.replace("P1", '"P\n1"')

    found = faults("\r\n".join([HEADER, "", over_two_lines, ROW.replace(",7", ",x")]))

    assert [fault.split(",")[0] for fault in found] == ["line 3", "line 5"]


# fmt: off
BAD_HEADERS = [
    ("patient,date,phase,region,kind",             ["line 1, column value: is missing"]),
    ("patient,date,phase,region,kind,value,value", ["line 1, column value: is given twice"]),
    ("patient,date,phase,region,kind,value,note",  ["line 1, column note: is not known; remove"]),
    ("patient,date,phase,region,kind,Value",       ["line 1, column Value: is", "line 1, column value: is"]),
    ("patient,date,phase,region,kind,value,",      ["line 1, column '': is not known"]),
    ("patient,date,phase,site,value",
     ["line 1, column site: is not known", "line 1, column region: is", "line 1, column kind: is"]),
]
# fmt: on


@pytest.mark.parametrize(("header", "expected"), BAD_HEADERS)
def test_a_header_with_other_columns_is_refused(header: str, expected: list[str]) -> None:
    found = faults(f"{header}\n{ROW}\n")

    assert len(found) == len(expected)
    assert all(fault.startswith(start) for fault, start in zip(found, expected, strict=True))


def test_a_file_with_semicolons_is_told_about_commas() -> None:
    assert "separated by commas" in faults(PLAIN.replace(",", ";"))[0]


@pytest.mark.parametrize("empty", [b"", b"\xef\xbb\xbf", b"\n\n", b"\r\n"])
def test_an_empty_file_is_refused(empty: bytes) -> None:
    (found,) = faults(empty)

    assert found.startswith("line 1: the file is empty; the columns are patient, date")


@pytest.mark.parametrize("text", [HEADER, HEADER + "\n", HEADER + "\r\n\r\n"])
def test_a_header_alone_is_refused(text: str) -> None:
    assert faults(text) == ["line 1: there is no row under the header; add one row a score"]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_a_nul_byte_is_named_by_line(ending: str) -> None:
    (found,) = faults(ending.join([HEADER, ROW, ROW.replace("P1", "P\0")]))

    assert found.startswith("line 3: has a NUL byte")


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_bytes_that_are_not_utf_8_are_named_by_line(ending: str) -> None:
    (found,) = faults(ending.join([HEADER, ROW, ROW.replace("P1", "Pé")]).encode("latin-1"))

    assert found == "line 3: is not UTF-8; save the file as 'CSV UTF-8'"


def test_a_quote_that_never_closes_is_named_after_the_faults_before_it() -> None:
    found = faults(f'{HEADER}\n{ROW.replace(",7", ",x")}\n"P1,2026-03-02\n{ROW}\n')

    assert found[0].startswith("line 2, column value")
    assert found[1].startswith("line 3: cannot be read as CSV")


def test_a_giant_cell_is_refused_and_does_not_crash() -> None:
    (found,) = faults(f"{HEADER}\n{ROW.replace('P1', 'P' * 200_000)}\n")

    assert found.startswith("line 2: cannot be read as CSV (field larger")


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_with_a_line(data: bytes) -> None:
    for candidate in (data, HEADER.encode() + b"\n" + data, f"{HEADER}\n{ROW}\n".encode() + data):
        try:
            patients = read(candidate)
        except TidyError as refused:
            lines = [problem.line for problem in refused.problems]
        else:
            lines = [len(patients)]

        assert min(lines) >= 1


@given(st.integers(0, 10_000).map(lambda units: F(units, 1000)), st.integers())
def test_a_written_decimal_is_kept_exactly(value: F, seed: int) -> None:
    written = f"{value.numerator * 1000 // value.denominator / 1000:.3f}"
    order = random.Random(seed).sample(COLUMNS, 6)
    cells = dict(zip(COLUMNS, [*ROW.split(",")[:5], written], strict=True))

    (entry,) = read(f"{','.join(order)}\n{','.join(cells[name] for name in order)}\n")["P1"]

    assert entry.value == value
