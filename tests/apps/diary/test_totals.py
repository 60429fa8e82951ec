"""The total of a licensed form: staff write down what the form says, from before the trial."""

from datetime import date
from decimal import Decimal

import pytest
from django import forms

from apps.diary.totals import check_day, total_answers, total_field
from sctrial.instruments import OffScore

PLACED, TODAY = date(2026, 10, 8), date(2026, 10, 12)
# fmt: off
DAYS = [
    # answered on         leads placed on  taken
    (date(2026, 10, 7),   PLACED,          True),
    (date(2026, 10, 8),   PLACED,          False),
    (date(2026, 10, 9),   PLACED,          False),
    (date(2026, 10, 12),  None,            True),
    (date(2026, 10, 13),  None,            False),
]
# 0 best to 100 worst [S: ODI 2.1a scoring, Mapi Research Trust].
TOTALS = [
    # said     taken
    ("0",      True),
    ("100",    True),
    ("35.56",  True),
    ("-1",     False),
    ("100.01", False),
    ("",       False),
]
# fmt: on


@pytest.mark.parametrize(("day", "placed_on", "taken"), DAYS)
def test_a_total_is_of_a_day_before_the_leads(day: date, placed_on: date | None, taken: bool) -> None:
    try:
        check_day(day, placed_on=placed_on, today=TODAY)
    except forms.ValidationError:
        assert not taken
    else:
        assert taken


@pytest.mark.parametrize(("said", "taken"), TOTALS)
def test_a_total_is_on_the_scale_of_its_instrument(said: str, taken: bool) -> None:
    try:
        total_field("odi").clean(said)
    except forms.ValidationError:
        assert not taken
    else:
        assert taken


def test_a_total_is_kept_as_it_was_written_and_one_off_its_scale_is_refused() -> None:
    assert total_answers("odi", Decimal("42.50")) == {"total": "42.5"}
    assert total_answers("odi", Decimal("100")) == {"total": "100"}
    with pytest.raises(OffScore):
        total_answers("odi", Decimal(101))
