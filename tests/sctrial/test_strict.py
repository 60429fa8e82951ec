"""Tables from outside, read key by key."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sctrial.kleene import Answer
from sctrial.seal import fraction_text
from sctrial.strict import DocumentError, Section, parse_day, parse_fraction

F = Fraction


def section(**content: object) -> Section:
    return Section(content, origin="rule.toml")


@given(st.dates())
def test_a_day_is_read_as_it_is_written(day: date) -> None:
    assert parse_day(day.isoformat()) == day


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-3-9",
        "20260309",
        "09.03.2026",
        "2026-03-09T00:00",
        "２026-03-09",
        "2026-W10-1",
        " 2026-03-09",
    ],
)
def test_other_spellings_of_a_day_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write it as YYYY-MM-DD"):
        parse_day(text)


@pytest.mark.parametrize("text", ["2026-02-29", "2026-13-01", "2026-00-10", "0000-01-01"])
def test_a_day_that_never_was_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a day of the calendar"):
        parse_day(text)


@given(st.fractions())
def test_a_fraction_is_read_as_it_is_written(value: F) -> None:
    assert parse_fraction(fraction_text(value)) == value


@pytest.mark.parametrize(
    "text", ["", "1", "0.5", "2/4", "1/0", "-0/1", "1/-2", " 1/2", "+1/2", "01/2", "1/2/3"]
)
def test_a_fraction_not_in_its_one_form_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a fraction in lowest terms"):
        parse_fraction(text)


# fmt: off
BAD_VALUES = [
    ("text",              None,         "key: is missing"),
    ("text",              " ",          "key: must be text that is not empty"),
    ("text",              5,            "key: must be text that is not empty"),
    ("name",              "1st",        "key: '1st' must be letters"),
    ("texts",             "one",        "key: must be a list"),
    ("texts",             ["one", ""],  "key: must be a list of texts"),
    ("day",               None,         "key: is missing; give a day"),
    ("day",               20260309,     "key: must be text"),
    ("day",               "9.3.2026",   "key: '9.3.2026' is not a date"),
    ("fraction",          None,         "key: is missing; give a fraction"),
    ("fraction",          0.5,          "key: must be text"),
    ("fraction",          "2/4",        "key: '2/4' is not a fraction"),
    ("optional_flag",     "yes",        "key: must be true or false"),
    ("count",             0,            "key: must be a whole number from 1"),
    ("count",             True,         "key: must be a whole number from 1"),
    ("flag",              None,         "key: is missing; give true or false"),
    ("flag",              1,            "key: must be true or false"),
    ("optional_whole",    -1,           "key: must be a whole number from 0"),
    ("optional_whole",    True,         "key: must be a whole number from 0"),
    ("optional_whole",    1.0,          "key: must be a whole number from 0"),
    ("count",             None,         "key: must be a whole number from 1"),
    ("section",           "x",          "key: must be a table"),
    ("sections",          {"a": 1},     "key: must be a list"),
    ("sections",          ["x"],        "key[0]: must be a table"),
]
# fmt: on


@pytest.mark.parametrize(("reader", "value", "message"), BAD_VALUES)
def test_a_bad_value_is_refused_with_document_and_key(reader: str, value: object, message: str) -> None:
    with pytest.raises(DocumentError) as error:
        getattr(section(key=value), reader)("key")

    assert str(error.value).startswith(f"rule.toml: {message}")


def test_a_choice_outside_the_list_is_refused_with_the_list() -> None:
    with pytest.raises(DocumentError, match="key: must be one of: met, not_met, not_evaluable"):
        section(key="maybe").choice("key", of=Answer)


def test_an_absent_choice_takes_the_default() -> None:
    assert section().choice("key", of=Answer, default=Answer.MET) is Answer.MET


def test_good_values_are_handed_out() -> None:
    table = section(
        text="a", day=date(2026, 3, 9), iso="2026-03-09", half="1/2", flag=False, n=2, inner={"x": "y"}
    )

    assert table.text("text") == "a"
    assert table.day("day") == table.day("iso")
    assert table.fraction("half") == F(1, 2)
    assert table.optional_flag("flag") is False
    assert table.count("n") == 2
    assert table.section("inner").text("x") == "y"
    table.close()


def test_what_may_be_absent_is_none_and_never_a_default() -> None:
    table = section(b="1/2", a=0)

    assert table.keys == ("a", "b")
    assert table.optional_whole("a") == 0
    assert table.optional_whole("n") is None
    assert table.optional_parsed("b", parse_fraction) == F(1, 2)
    assert table.optional_parsed("absent", parse_fraction) is None
    assert table.value_of("b") == "1/2"
    table.close()


def test_a_key_that_nobody_asked_for_is_refused() -> None:
    table = section(label="a", lable="b")
    table.text("label")

    with pytest.raises(
        DocumentError, match=r"rule\.toml: lable: is not known here; remove it or use one of: label"
    ):
        table.close()


def test_a_document_that_is_not_a_table_is_refused() -> None:
    with pytest.raises(DocumentError, match=r"x\.json: document: must be a table"):
        Section([], origin="x.json")
