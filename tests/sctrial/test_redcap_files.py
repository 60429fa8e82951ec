"""What REDCap imports: a flat file, one value a line, and the dictionary of both."""

import csv
import io

from sctrial.redcap import HEADER
from sctrial.redcap_files import EAV, to_dictionary, to_eav, to_flat
from tests.sctrial.made_tables import DICTIONARY, MEAN, made_tables


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode())))


def test_a_patient_is_a_record_and_every_other_table_a_repeating_instrument() -> None:
    flat = rows(to_flat(made_tables()))

    places = [
        (row["study_id"], row["redcap_repeat_instrument"], row["redcap_repeat_instance"]) for row in flat
    ]
    assert places == [
        *[(f"S{n}", "", "") for n in range(4)],
        *[(f"S{n}", "trials", "1") for n in range(4)],
        ("S0", "entries", "1"),
        ("S0", "entries", "2"),
    ]


def test_the_mean_is_the_same_flat_and_by_value() -> None:
    flat = [row["trials_percent_reduction"] for row in rows(to_flat(made_tables()))]
    eav = [
        row["value"] for row in rows(to_eav(made_tables())) if row["field_name"] == "trials_percent_reduction"
    ]

    assert [float(value) for value in flat if value] == [float(value) for value in eav]
    assert sum(map(float, eav)) / len(eav) == MEAN


def test_a_value_has_a_line_and_a_missing_one_has_none() -> None:
    lines = rows(to_eav(made_tables()))

    assert tuple(lines[0]) == EAV
    assert all(line["value"] for line in lines)


def test_flags_and_formulas_are_written_safely() -> None:
    flat = rows(to_flat(made_tables()))

    assert [row["entries_replaced"] for row in flat[-2:]] == ["1", "0"]
    assert flat[4]["trials_device"].startswith("'=")


def test_every_field_is_in_the_dictionary_and_back() -> None:
    content = made_tables()
    dictionary = rows(to_dictionary(content, dictionary=DICTIONARY))
    header = to_flat(content).decode().splitlines()[0].split(",")

    assert tuple(dictionary[0]) == HEADER
    assert {row[HEADER[0]] for row in dictionary} == set(header) - {
        "redcap_repeat_instrument",
        "redcap_repeat_instance",
    }
