"""Pain scales and the strict reading of a score."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sctrial.scales import SCALES, OffScale, Scale, ScaleCode, parse_score, show_exactly

F = Fraction

NRS, VAS = SCALES[ScaleCode.NRS_11], SCALES[ScaleCode.VAS_100]
DECIMAL, MYAIGUIDE = SCALES[ScaleCode.NUMERIC_0_10], SCALES[ScaleCode.MYAIGUIDE_SYMPTOM]


def test_every_code_has_its_scale() -> None:
    assert set(SCALES) == set(ScaleCode)
    assert all(scale.code is code for code, scale in SCALES.items())


# fmt: off
READABLE = [
    ("0",     NRS,       F(0)),
    ("10",    NRS,       F(10)),
    ("07",    NRS,       F(7)),
    ("7.0",   NRS,       F(7)),
    ("100",   VAS,       F(100)),
    ("3.5",   DECIMAL,   F(7, 2)),
    (".5",    DECIMAL,   F(1, 2)),
    ("3.333333", DECIMAL, F(3333333, 1000000)),
    ("1",     MYAIGUIDE, F(1)),
    ("3.2",   MYAIGUIDE, F(16, 5)),
    ("9.5",   MYAIGUIDE, F(19, 2)),
]
# fmt: on


@pytest.mark.parametrize(("text", "scale", "value"), READABLE)
def test_a_score_is_read_exactly(text: str, scale: Scale, value: F) -> None:
    assert parse_score(text, scale=scale) == value


@pytest.mark.parametrize(
    "text",
    ["", " ", "7 ", " 7", "3,5", "+7", "-1", "-0", "1e1", "7E0", "NaN", "nan", "inf", "７", "٧", "7/2", "0x7",
     "7.", ".", "1.2.3", "1_0", "seven", "7\n", "9" * 5000],
)  # fmt: skip
def test_what_would_have_to_be_guessed_at_is_refused(text: str) -> None:
    with pytest.raises(OffScale, match="is not a score: write digits"):
        parse_score(text, scale=DECIMAL)


@pytest.mark.parametrize(
    ("text", "scale"),
    [("11", NRS), ("10.001", DECIMAL), ("101", VAS), ("0.9", MYAIGUIDE), ("9.6", MYAIGUIDE)],
)
def test_a_score_outside_its_scale_is_refused_with_the_scale_named(text: str, scale: Scale) -> None:
    with pytest.raises(OffScale, match="is outside") as error:
        parse_score(text, scale=scale)

    assert text in str(error.value)
    assert scale.code.value in str(error.value)


@pytest.mark.parametrize(("text", "scale"), [("7.5", NRS), ("55.5", VAS), ("3.25", MYAIGUIDE)])
def test_a_score_finer_than_its_instrument_is_refused(text: str, scale: Scale) -> None:
    with pytest.raises(OffScale, match="counts in steps of"):
        parse_score(text, scale=scale)


@given(st.sampled_from(sorted(SCALES.values(), key=lambda scale: scale.code)), st.data())
def test_stored_units_come_back_as_the_same_score(scale: Scale, data: st.DataObject) -> None:
    lowest, highest = scale.to_units(scale.minimum), scale.to_units(scale.maximum)
    units = data.draw(st.integers(lowest, highest))

    assert scale.to_units(scale.from_units(units)) == units


def test_a_score_that_storage_cannot_hold_is_refused_and_never_rounded() -> None:
    fine = parse_score("3.33333", scale=DECIMAL)

    with pytest.raises(OffScale, match=r"counts in steps of 0\.001"):
        DECIMAL.to_units(fine)


def test_units_outside_the_scale_are_refused() -> None:
    with pytest.raises(OffScale):
        NRS.from_units(11)


def test_only_the_symptom_scale_has_no_true_zero() -> None:
    assert [code for code, scale in SCALES.items() if not scale.has_true_zero] == ["myaiguide_symptom"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [(F(7), "7"), (F(19, 2), "9.5"), (F(1, 1000), "0.001"), (F(-7, 2), "-3.5"), (F(1, 3), "1/3")],
)
def test_a_value_is_shown_exactly(value: F, shown: str) -> None:
    assert show_exactly(value) == shown
