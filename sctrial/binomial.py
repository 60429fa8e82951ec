"""Tails of the binomial distribution by the incomplete beta function, for exact intervals."""

from math import exp, lgamma, log, log1p
from typing import Final

#: Sixty halvings of [0, 1] leave less than one part in 10**18, finer than a float near 1 can say.
_HALVINGS: Final = 60
_CLOSE: Final = 1e-15
_TINY: Final = 1e-300
#: About the square root of the group's size is needed, so this bound is for groups beyond any clinic.
_MOST_STEPS: Final = 100_000


def compute_beta_quantile(tail: float, *, a: int, b: int) -> float:
    """The x in 0..1 with ``I_x(a, b) = tail``, by bisection; ``a`` and ``b`` from 1.

    With a = k and b = n-k+1 it is the proportion under which k or more of n have probability ``tail``.
    """
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if compute_beta_share(middle, a=a, b=b) < tail:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def compute_beta_share(x: float, *, a: int, b: int) -> float:
    """The regularised incomplete beta function ``I_x(a, b)``, for 0 < x < 1.

    The continued fraction converges fast left of the mean; right of it ``1 - I_(1-x)(b, a)`` is used.
    Source: NIST Digital Library of Mathematical Functions, 8.17.22; evaluated as by Lentz 1976.
    """
    if x > (a + 1) / (a + b + 2):
        return 1 - compute_beta_share(1 - x, a=b, b=a)
    front = lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)
    return exp(front) / (a * _continued_fraction(x, a, b))


def _continued_fraction(x: float, a: int, b: int) -> float:
    value, above, below = 1.0, 1.0, 0.0
    for step in range(1, _MOST_STEPS):
        term = _term(step, x, a, b)
        below = 1 / (1 + term * below or _TINY)
        above = 1 + term / above or _TINY
        value *= above * below
        if abs(above * below - 1) < _CLOSE:
            break
    return value


def _term(step: int, x: float, a: int, b: int) -> float:
    m, odd = divmod(step, 2)
    if odd:
        return -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
    return m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
