"""`manage.py import_cohort`: published numbers come out again, and bad files leave nothing behind."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management.base import CommandError

from apps.accounts.models import Clinic
from apps.audit.models import AuditEvent
from apps.cohorts.importing.outcomes import MOST_ROWS
from apps.cohorts.imports import decimal_of, results_of
from apps.cohorts.models import OutcomeLine, OutcomeTable
from apps.diary.importing.reading import LONGEST_LINE
from tests.apps.cohorts.tables_of_outcomes import CSV, MAPPING, ROWS, run, write
from tests.bad_inputs.catalogue import CATALOGUE

pytestmark = pytest.mark.django_db
DATA = Path(settings.BASE_DIR) / "data"
ASHAR = DATA / "ashar2022" / "Ashar2022_outcomes_demographics.csv"
REDCAP = DATA / "redcap_longitudinal" / "data.csv"


@pytest.fixture(autouse=True)
def _clinic(clinic: Clinic) -> None:
    """Every table belongs to one."""


def refused(path: Path, *options: str, mapping: str | Path = MAPPING) -> str:
    """What is said, after it was seen that nothing was stored."""
    with pytest.raises(CommandError) as caught:
        run(path, *options, mapping=mapping)
    assert (OutcomeTable.objects.count(), OutcomeLine.objects.count(), AuditEvent.objects.count()) == (
        0,
        0,
        0,
    )
    return str(caught.value)


def stored() -> dict[str, tuple[str, str]]:
    """Before and after, by person."""
    return {line.subject: (number(line.before), number(line.after)) for line in OutcomeLine.objects.all()}


def number(value: Decimal | None) -> str:
    return "none" if value is None else f"{value.normalize():f}"


# --- published numbers ---


def test_the_file_is_the_one_that_was_published() -> None:
    assert hashlib.sha256(ASHAR.read_bytes()).hexdigest() == (
        "bb04564e8b63730c78c7ef65f817a96ef34923409d7e5a3108b6af2f54eb996d"
    )


# fmt: off
PUBLISHED = [
    # Ashar 2022, table 2: half of the pain gone, drop-outs as failures; mean after treatment
    ("Pain reprocessing therapy", 35, 50, "1.18"),
    ("Placebo",                   15, 51, "2.84"),
    ("Usual care",                 8, 50, "3.13"),
]
# fmt: on


def test_ashar_2022_comes_out_as_published() -> None:
    """341 rows: 54 of 27 healthy people, 1 of a patient without an arm; 16 of 151 have no second visit."""
    said = run(ASHAR, mapping=ASHAR.with_suffix(".toml"))

    table = OutcomeTable.objects.get()
    assert table.report["rows"] == {"read": 341, "taken": 341 - 54 - 1, "skipped": 54 + 1, "wrong": 0}
    found = results_of(table, percent=50)
    assert [
        (arm, one.responders.count.met, one.responders.count.of, str(decimal_of(one.after_mean or 0)))  # type: ignore[arg-type]
        for arm, one in found.items()
    ] == PUBLISHED
    assert sum(one.people - one.after_n for one in found.values()) == 16
    assert "35 of 50 fell by at least 50 %, drop-outs counted as failures" in said


def test_a_redcap_export_is_read_with_its_dictionary() -> None:
    """Pills of the record 100: code 2 before, 0 after; of 220: 0 and 3; of 304: 0 and 2."""
    run(REDCAP, "--dictionary", str(REDCAP.with_name("dictionary.csv")), mapping=REDCAP.with_suffix(".toml"))

    assert stored() == {"100": ("2", "0"), "220": ("0", "3"), "304": ("0", "2")}


# fmt: off
REDCAP_FAULTS = [
    # changed in the mapping, and what is said
    ('value = "pmq1"', 'value = "first_name"', "'first_name' is marked as an identifier"),
    ('subject = "study_id"', 'subject = "age"', "columns.subject must be the record's id, which is 'study"),
    ('value = "pmq1"', 'value = "complete"', "no column 'complete'"),
    ('"visit_1_arm_1", ', '', "lines 4, 10: column 'redcap_event_name': 'visit_1_arm_1' is no visit"),
]
# fmt: on


@pytest.mark.parametrize(("old", "new", "said"), REDCAP_FAULTS)
def test_what_the_dictionary_does_not_allow_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = REDCAP.with_suffix(".toml").read_text(encoding="utf-8")
    assert old in text

    dictionary = str(REDCAP.with_name("dictionary.csv"))
    path = write(tmp_path, REDCAP.read_bytes(), name="data.csv")

    assert said in refused(path, "--dictionary", dictionary, mapping=text.replace(old, new))


def test_a_code_or_a_column_that_the_dictionary_lacks_is_refused(tmp_path: Path) -> None:
    dictionary = REDCAP.with_name("dictionary.csv").read_text(encoding="utf-8")
    mapping = REDCAP.with_suffix(".toml").read_text(encoding="utf-8")
    path = write(tmp_path, REDCAP.read_bytes(), name="data.csv")

    def said_of(content: str) -> str:
        changed = write(tmp_path, content, name="changed.csv")
        return refused(path, "--dictionary", str(changed), mapping=mapping)

    # With 3, over 15, gone from the choices, the 3 of record 220 is no code.
    assert "'3' is none of the codes of 'pmq1': 0, 1, 2" in said_of(dictionary.replace(" | 3, over 15", ""))
    assert "column 'height' is not in changed.csv" in said_of(dictionary.replace("\nheight,", "\nlength,"))
    assert "not the dictionary of a REDCap project" in said_of(CSV)


# --- what is stored ---


def test_ids_stay_what_they_are_and_a_missed_visit_is_no_zero(tmp_path: Path) -> None:
    said = run(write(tmp_path, CSV))

    assert stored() == {"007": ("8", "4"), "NA": ("6", "3.5"), "9": ("5", "none")}
    # 8 to 4 is half; 6 to 3.5 is 41.67 %; no second visit is a failure. Mean after: (4 + 3.5) / 2.
    assert "all: 1 of 3 fell by at least 50 %" in said
    assert "mean after treatment 3.75 of 2" in said
    assert AuditEvent.objects.get().detail["people"] == 3


def test_a_file_is_stored_once_a_clinic(tmp_path: Path, other_clinic: Clinic) -> None:
    path = write(tmp_path, CSV)
    run(path)

    with pytest.raises(CommandError, match="is stored for Clinic of the trial already, byte for byte"):
        run(path)
    assert "byte for byte; left as it is" in run(path, "--once")
    run(path, clinic=other_clinic.name)

    assert OutcomeTable.objects.count() == 2
    assert OutcomeLine.objects.filter(table__clinic=other_clinic).count() == 3


def test_every_wrong_row_is_named_at_once(tmp_path: Path) -> None:
    rows = [*ROWS, "10,pre,11,-", "10,later,1,-", "9,pre,5,-", "=1+1,pre,5,-"]

    said = refused(write(tmp_path, "\n".join(rows)))

    assert said.splitlines() == [
        "nothing was stored",
        "line 7: column 'pain': '11' is off the scale: 0 to 10",
        "line 8: column 'visit': 'later' is no visit of [times]: name it there",
        "line 9: column 'id': '9' has this visit on line 6 already: keep one of the two",
        "line 10: column 'id': '=1+1' names nobody: use letters, digits, blank, point, _ and -, 40 at most",
    ]


def test_a_table_with_semicolons_and_decimal_commas_is_the_same(tmp_path: Path) -> None:
    content = CSV.replace(",", ";").replace("3.5", "3,5")
    mapping = MAPPING.replace("[columns]", '[file]\ndelimiter = ";"\ndecimal_mark = ","\n\n[columns]')

    run(write(tmp_path, content), mapping=mapping)

    assert OutcomeLine.objects.get(subject="NA").after == Decimal("3.5")


# fmt: off
MAPPINGS = [
    # changed in the mapping                        what is said
    ('low = "0"',          'low = "ten"',           "low: 'ten' is not a number"),
    ('low = "0"',          'low = "10"',            "low: must be lower than high"),
    ('before = ["pre"]',   'before = []',           "times.before: name the visit before treatment"),
    ('after = ["post"]',   'after = ["pre"]',       "times: 'pre' stands there twice"),
    ('value = "pain"',     'value = "pain"\narm = "note"', "arms: is needed when, and only when, columns."),
    ('licence = "none"',   '',                      "licence: is missing"),
    ('licence = "none"',   'license = "none"',      "licence: is missing"),
    ('ignore = ["note"]',  '',                      "the mapping does not say what becomes of column 'note'"),
]
# fmt: on


@pytest.mark.parametrize(("old", "new", "said"), MAPPINGS)
def test_a_wrong_mapping_names_the_key(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in MAPPING
    assert said in refused(write(tmp_path, CSV), mapping=MAPPING.replace(old, new))


# --- the catalogue of bad files ---

CASES = {case["id"]: case for case in CATALOGUE["inputs"] if case["group"] == "files_csv"}
CELLS = {key: case["input"] for key, case in CASES.items() if case["kind"] == "csv_cell"}
#: In these the cell is a number on the scale, written with leading zeros: 7, not another person.
TAKEN_AS_A_SCORE = {"C001"}


@pytest.mark.parametrize("case", CELLS)
def test_a_bad_cell_is_never_taken_for_a_score(tmp_path: Path, case: str) -> None:
    row = f'11,pre,"{CELLS[case]}",-'
    path = write(tmp_path, "\n".join([*ROWS, row]))

    if case in TAKEN_AS_A_SCORE:
        run(path)
        assert OutcomeLine.objects.get(subject="11").before == int(CELLS[case])
    else:
        assert "line 7: column 'pain': " in refused(path)


def workbook(name: str, content: bytes = b"<x/>") -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return held.getvalue()


def a_million_rows() -> str:
    return "\n".join([ROWS[0], *(f"{n},pre,5,-" for n in range(1_000_000))])


LONG = "x" * 50_000_000
# The string that virus scanners are tried with, in two parts so that none takes this file for it.
EICAR = r"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
# fmt: off
FILES: dict[str, tuple[Callable[[], str | bytes], str]] = {
    # case   what the file is, and what is said, or that it is read
    "C024": (lambda: CSV + "12,pre,5,-,6\n",
             "line 7: row: 5 cells under 4 titles"),
    "C025": (lambda: CSV.replace("note", "pain"),
             "column 'pain' stands there twice"),
    "C026": (lambda: CSV + "1\0,pre,5,-\n",
             "line 7: column 'id'"),
    "C027": (lambda: CSV.encode("utf-16"),
             "is UTF-16 text: save it as UTF-8"),
    "C029": (lambda: b"\xef\xbb\xbf" + CSV.encode(),
             "read"),
    "C031": (lambda: CSV.replace("\n", "\r"),
             "read"),
    "C033": (lambda: "",
             "is empty"),
    "C034": (lambda: ROWS[0],
             "no row of it was taken"),
    "C036": (a_million_rows,
             f"more than {MOST_ROWS} rows"),
    "C037": (lambda: CSV + LONG,
             f"longer than {LONGEST_LINE} characters"),
    "C038": (lambda: ",".join(f"c{n}" for n in range(10_000)) + "\n1\n",
             "no column 'id', 'visit', 'pain'"),
    "C039": (lambda: CSV + "007,pre,8,-\n",
             "'007' has this visit on line 2 already"),
    # People of a table are nobody's patients: the same names in two clinics are two tables.
    "C040": (lambda: CSV,
             "read"),
    "C041": (lambda: CSV + "12;pre;5;-\n",
             "line 7: row: 1 cells under 4 titles"),
    "C044": (lambda: "<!doctype html><table><tr><td>1</td></tr></table>",
             "is HTML or XML"),
    "C046": (lambda: workbook("xl/bomb", b"0" * 5_000_000),
             "is a workbook or an archive"),
    "C047": (lambda: workbook("xl/externalLinks/externalLink1.xml"),
             "is a workbook or an archive"),
    "C048": (lambda: workbook("xl/workbook.xml", b"<!ENTITY x SYSTEM 'f'>"), "is a workbook or an archive"),
    "C050": (lambda: workbook("xl/vbaProject.bin"),
             "is a workbook or an archive"),
    "C051": (lambda: workbook("../../etc/cron.d/x"),
             "is a workbook or an archive"),
    "C053": (lambda: EICAR,
             "no column 'id', 'visit', 'pain'"),
}
# fmt: on


def test_every_case_of_the_catalogue_is_tried() -> None:
    assert set(CELLS) | set(FILES) == set(CASES)


@pytest.mark.parametrize("case", FILES)
def test_a_bad_file_is_refused_whole_with_what_to_do(tmp_path: Path, case: str) -> None:
    content, said = FILES[case]
    path = write(tmp_path, content())

    if said == "read":
        run(path)
        assert OutcomeLine.objects.count() == 3
    else:
        assert said in refused(path)


def test_the_report_is_told_as_json_too(tmp_path: Path) -> None:
    report = json.loads(run(write(tmp_path, CSV), "--json"))

    assert report == {"rows": {"read": 5, "taken": 5, "skipped": 0, "wrong": 0}, "skipped": [], "wrong": []}
