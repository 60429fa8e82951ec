"""Pain scales: their ends, their grid, and the strict reading of a score."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from types import MappingProxyType
from typing import Final

#: The region on which a trial is decided; every other region is reported only.
TARGET: Final = "target"

# Long enough for any score ever written, short enough that no cell can stall the reader.
_NUMBER: Final = re.compile(r"(?:[0-9]{1,6}(?:\.[0-9]{1,18})?|\.[0-9]{1,18})", re.ASCII)


class ScoreKind(StrEnum):
    """What a score sums up over its recall period (Stone 2020). Kinds are never mixed in one percent."""

    AVERAGE = "average"
    WORST = "worst"
    LEAST = "least"
    CURRENT = "current"


class ScaleCode(StrEnum):
    """Codes under which scales are stored."""

    NRS_11 = "nrs_11"
    VAS_100 = "vas_100"
    NUMERIC_0_10 = "numeric_0_10"
    MYAIGUIDE_SYMPTOM = "myaiguide_symptom"


class OffScale(ValueError):
    """A score that the scale does not have; the message names value, scale and remedy."""


@dataclass(frozen=True, slots=True)
class Scale:
    """One pain scale; higher is always worse.

    ``per_point`` is the number of stored integer units in one scale point. ``written_grid`` is true
    when only whole units are answers of the instrument itself, so that anything finer is an error.
    """

    code: ScaleCode
    label: str
    minimum: Fraction
    maximum: Fraction
    per_point: int
    has_true_zero: bool
    written_grid: bool
    source: str

    def require_on_scale(self, value: Fraction) -> Fraction:
        """Return ``value`` (scale points) unchanged; raise OffScale outside the ends or off the grid."""
        if not self.minimum <= value <= self.maximum:
            raise OffScale(
                f"{show_exactly(value)} is outside {self.label}: write a score from "
                f"{show_exactly(self.minimum)} to {show_exactly(self.maximum)}, or name the scale it is from"
            )
        if self.written_grid:
            self._require_whole_units(value)
        return value

    def to_units(self, value: Fraction) -> int:
        """Stored integer units of ``value``: ``value * per_point``. Raises OffScale, never rounds."""
        self.require_on_scale(value)
        return self._require_whole_units(value)

    def from_units(self, units: int) -> Fraction:
        """Scale points of stored units: ``units / per_point``. Raises OffScale outside the ends."""
        return self.require_on_scale(Fraction(units, self.per_point))

    def _require_whole_units(self, value: Fraction) -> int:
        units = value * self.per_point
        if units.denominator != 1:
            raise OffScale(
                f"{show_exactly(value)} is finer than {self.label}, which counts in steps of "
                f"{show_exactly(Fraction(1, self.per_point))}: correct it, or name the scale it is from"
            )
        return units.numerator


SCALES: Final[Mapping[ScaleCode, Scale]] = MappingProxyType(
    {
        scale.code: scale
        for scale in (
            Scale(
                code=ScaleCode.NRS_11,
                label="the 0-10 numeric rating scale in whole numbers (nrs_11)",
                minimum=Fraction(0),
                maximum=Fraction(10),
                per_point=1,
                has_true_zero=True,
                written_grid=True,
                source="IMMPACT core outcome measures, Dworkin 2005",
            ),
            Scale(
                code=ScaleCode.VAS_100,
                label="the 100 mm visual analogue scale in whole millimetres (vas_100)",
                minimum=Fraction(0),
                maximum=Fraction(100),
                per_point=1,
                has_true_zero=True,
                written_grid=True,
                source="Huskisson 1974",
            ),
            Scale(
                code=ScaleCode.NUMERIC_0_10,
                label="a 0-10 scale with decimals (numeric_0_10)",
                minimum=Fraction(0),
                maximum=Fraction(10),
                per_point=1000,
                has_true_zero=True,
                # A tidy file keeps what was written, however fine; only storage needs thousandths.
                written_grid=False,
                source="declared by whoever made the file",
            ),
            Scale(
                code=ScaleCode.MYAIGUIDE_SYMPTOM,
                label="the MyAIGuide symptom scale (myaiguide_symptom)",
                # 1 is "almost imperceivable": the scale names no answer for "no pain at all".
                minimum=Fraction(1),
                maximum=Fraction(19, 2),
                per_point=10,
                has_true_zero=False,
                written_grid=True,
                source="MyAIGuide project, symptom scale of its data notes, 2019",
            ),
        )
    }
)


def show_exactly(value: Fraction) -> str:
    """``value`` as a decimal when it has one of at most 18 places, else as "a/b"; never rounded."""
    for places in range(19):
        scaled = value * 10**places
        if scaled.denominator == 1:
            digits = f"{abs(scaled.numerator):0{places + 1}d}"
            sign = "-" if value < 0 else ""
            return sign + (f"{digits[:-places]}.{digits[-places:]}" if places else digits)
    return f"{value.numerator}/{value.denominator}"


def parse_score(text: str, *, scale: Scale) -> Fraction:
    """The score written in ``text``, in scale points, exactly.

    Accepts ASCII digits with at most one decimal point ("7", "3.5", ".5"). Refuses what a reader would
    have to guess at: comma, sign, exponent, NaN, blanks, full-width digits, nothing. Raises OffScale.
    """
    if not _NUMBER.fullmatch(text):
        what = "an empty value" if not text.strip() else f"{text!r}"
        raise OffScale(
            f"{what} is not a score: write digits with at most one decimal point, such as 7 or 3.5, "
            "without comma, sign or blanks; leave the whole row out when there is no score"
        )
    return scale.require_on_scale(Fraction(text))
