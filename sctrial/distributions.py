"""Normal, clipped normal and Student's t from plain operators, so that one body serves number and column.

The exact half of the core never comes here: these are for probabilities and intervals. What differs between
a float and a numpy column is handed in as ``Maths``.
"""

import math
from collections.abc import Callable
from functools import cache
from typing import Any, Final, NamedTuple

_ROOT_2: Final = math.sqrt(2.0)
_ROOT_2_PI: Final = math.sqrt(2.0 * math.pi)

#: From here on t is told from the normal distribution in the third decimal of a quantile; work stays bounded.
MOST_DEGREES: Final = 200


class Maths(NamedTuple):
    """The functions that plain operators do not give; ``clamp(x, low, high)`` keeps x between the two."""

    sqrt: Callable[[Any], Any]
    exp: Callable[[Any], Any]
    erfc: Callable[[Any], Any]
    atan: Callable[[Any], Any]
    clamp: Callable[[Any, Any, Any], Any]


def _clamp(value: float, low: float, high: float) -> float:
    return low if value < low else min(value, high)


SCALAR: Final = Maths(math.sqrt, math.exp, math.erfc, math.atan, _clamp)


def normal_density(z: Any, *, maths: Maths = SCALAR) -> Any:
    """Density of the standard normal distribution at ``z``."""
    return maths.exp(-0.5 * z * z) / _ROOT_2_PI


def normal_cdf(z: Any, *, maths: Maths = SCALAR) -> Any:
    """Probability that a standard normal variable is at most ``z``; ``erfc`` keeps the lower tail exact."""
    return 0.5 * maths.erfc(z / -_ROOT_2)


class Clipped(NamedTuple):
    """A normal variable cut off at the ends of a scale: what is left of its mean and variance.

    ``mean`` in scale points; ``slope`` is the derivative of that mean by the mean before clipping, 0 to 1;
    ``variance_share`` is the variance after clipping over the variance before, 0 to 1.
    """

    mean: Any
    slope: Any
    variance_share: Any


def clipped_normal(mean: Any, *, sd: Any, ends: tuple[float, float], maths: Maths = SCALAR) -> Clipped:
    """Moments of ``min(max(X, low), high)`` for X normal with ``mean`` and ``sd`` above 0.

    With a, b the ends in units of the SD from the mean, p = Phi(a), q = 1 - Phi(b):
    first moment ``a p + b q + phi(a) - phi(b)``,
    second ``a^2 p + b^2 q + (1 - p - q) + a phi(a) - b phi(b)``.
    Source: Tobin 1958; Greene, Econometric Analysis, moments of the censored normal variable.
    """
    low, high = ends
    a, b = (low - mean) / sd, (high - mean) / sd
    below, above = normal_cdf(a, maths=maths), normal_cdf(-b, maths=maths)
    at_a, at_b = normal_density(a, maths=maths), normal_density(b, maths=maths)
    inside = 1.0 - below - above
    first = a * below + b * above + at_a - at_b
    second = a * a * below + b * b * above + inside + a * at_a - b * at_b
    return Clipped(mean + sd * first, inside, second - first * first)


def student_cdf(t: Any, *, df: int, maths: Maths = SCALAR) -> Any:
    """Probability that Student's t with ``df`` (whole, at least 1) degrees of freedom is at most ``t``.

    The finite series for whole degrees of freedom. Source: Abramowitz and Stegun 1964, 26.7.3 and 26.7.4.
    """
    df = min(df, MOST_DEGREES)
    square = t * t
    sine, cosine_squared = t / maths.sqrt(df + square), df / (df + square)
    within = _odd(sine, cosine_squared, t, df, maths) if df % 2 else _even(sine, cosine_squared, df)
    return 0.5 * (1.0 + within)


def _even(sine: Any, cosine_squared: Any, df: int) -> Any:
    term = total = 1.0 + 0.0 * cosine_squared
    for k in range(2, df - 1, 2):
        term = term * cosine_squared * ((k - 1) / k)
        total = total + term
    return sine * total


def _odd(sine: Any, cosine_squared: Any, t: Any, df: int, maths: Maths) -> Any:
    angle = maths.atan(t / math.sqrt(df))
    if df == 1:
        return angle * (2.0 / math.pi)
    term = total = maths.sqrt(cosine_squared)
    for k in range(3, df - 1, 2):
        term = term * cosine_squared * ((k - 1) / k)
        total = total + term
    return (angle + sine * total) * (2.0 / math.pi)


@cache
def student_quantile(probability: float, *, df: int) -> float:
    """The t with ``student_cdf(t) == probability``, for 0.5 <= probability < 1; bisection to the last bit.

    Raises ValueError for a probability outside this range: the lower half is the upper one mirrored.
    """
    if not 0.5 <= probability < 1.0:
        raise ValueError(f"{probability} is not from 0.5 up to 1; use the mirrored quantile, -t of 1 - p")
    low, high = 0.0, 1.0
    while student_cdf(high, df=df) < probability:
        high *= 2.0
    while True:
        middle = 0.5 * (low + high)
        if not low < middle < high:
            return high
        low, high = (middle, high) if student_cdf(middle, df=df) < probability else (low, middle)
