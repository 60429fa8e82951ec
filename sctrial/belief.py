"""What a few noisy days say about two means: the one arithmetic behind certainty and forecast.

Model. The score of a day is the patient's mean of that phase plus day noise, rounded to the grid and clipped
to the ends of the scale. Day noise is normal with one SD in both phases and first-order autocorrelation.
What three days cannot tell is taken from ``PRIOR``, openly; methods and limits: docs/methods/certainty.md.

Plain operators only: a field may be a float or a numpy column, ``Maths`` brings the functions to match.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from sctrial.distributions import SCALAR, Clipped, Maths, clipped_normal

#: Calendar distances that are counted. With the largest correlation allowed, 0.8^30 is about 0.001.
LAGS: Final = 30
_NEWTON_STEPS: Final = 2


@dataclass(frozen=True, slots=True)
class Prior:
    """What is assumed before the first score, all defaults of this project [D] unless a source is named.

    ``sd_share``: centre of the day SD as a share of the scale's length, 1.3 points on 0-10. Within-person SD
    of momentary pain 1.61 +/- 0.66 (Harris 2005); the value of a whole day is steadier than a moment.
    ``sd_days``: the centre counts as this many days. ``lag1``, ``lag1_pairs``: centre of the correlation
    of neighbouring days and the pairs of days it counts as. ``lag1_most``: no estimate goes beyond.
    ``kept``, ``kept_sd``, ``kept_df``: centre, scale and degrees of freedom of trial mean / baseline mean;
    174 trials kept 46 %, SD 28 points (Hagedorn 2021), so 0.5 with scale 0.4 says less than is known.
    """

    sd_share: float = 0.13
    sd_days: int = 2
    lag1: float = 1 / 3
    lag1_pairs: float = 10.0
    lag1_most: float = 0.8
    kept: float = 0.5
    kept_sd: float = 0.4
    kept_df: float = 3.0


PRIOR: Final = Prior()


class DaySums(NamedTuple):
    """What the belief needs of the days of one phase, exact until the last division.

    ``squares`` is the sum of squared distances from the mean, ``lag_products`` the sum of products of those
    of neighbouring calendar days, ``lags[k]`` the number of pairs of days k + 1 days apart.
    """

    days: Any
    mean: Any
    squares: Any
    lag_products: Any
    lags: Sequence[Any]


class Grid(NamedTuple):
    """Ends and step of the scores, in scale points."""

    low: float
    high: float
    step: Any

    @property
    def ends(self) -> tuple[float, float]:
        """Lowest and highest score there is."""
        return self.low, self.high

    @property
    def rounding(self) -> Any:
        """Variance of the rounding error: uniform over one step, ``step^2 / 12`` (Sheppard 1898)."""
        return self.step * self.step / 12.0


class Spread(NamedTuple):
    """Day-to-day variance (rounding included) and lag-1 correlation, both shrunk toward the prior."""

    variance: Any
    lag1: Any


class Side(NamedTuple):
    """One phase: mean before clipping, squared error of it, share of a day's variance left by clipping."""

    mean: Any
    error: Any
    variance_share: Any


class Belief(NamedTuple):
    """Both means before clipping as one bivariate normal, given ``spread``, after the prior on relief."""

    baseline: Any
    trial: Any
    baseline_variance: Any
    trial_variance: Any
    covariance: Any
    spread: Spread

    def drop(self, kept: Any) -> tuple[Any, Any]:
        """Mean and variance of ``kept * baseline - trial``; at 0 the reduction is exactly ``1 - kept``."""
        mean = kept * self.baseline - self.trial
        variance = kept * (kept * self.baseline_variance - 2.0 * self.covariance) + self.trial_variance
        return mean, variance


def compute_belief(
    before: DaySums, *, after: DaySums, grid: Grid, prior: Prior = PRIOR, maths: Maths = SCALAR
) -> Belief:
    """The belief about the two means; each side needs at least one day. Units are scale points."""
    spread, baseline, trial = compute_sides(before, after=after, grid=grid, prior=prior, maths=maths)
    return join_sides(baseline, trial=trial, spread=spread, prior=prior)


def compute_sides(
    before: DaySums, *, after: DaySums, grid: Grid, prior: Prior = PRIOR, maths: Maths = SCALAR
) -> tuple[Spread, Side, Side]:
    """Spread and both sides before the prior on relief is used.

    Clipping hides spread and moves means, each as far as the other is known, so the two are solved in turn:
    two rounds, each with a fixed number of Newton steps, no test for convergence.
    """
    lag1 = shrink_lag1(before, after=after, grid=grid, prior=prior, maths=maths)
    repeats = repeats_per_day(before, lag1=lag1), repeats_per_day(after, lag1=lag1)
    phases = _Phases((before, after), repeats, grid, prior, maths)
    first = phases.unclip((before.mean, after.mean), (1.0, 1.0))
    means, clipped = phases.unclip(first[0], (first[1][0].variance_share, first[1][1].variance_share))
    shares = clipped[0].variance_share, clipped[1].variance_share
    variance = phases.variance(shares)
    baseline, trial = (
        Side(
            mean,
            # Clipping steadies the reported mean; the way back from it, 1 / slope, magnifies its error.
            mean_error(sums.days, repeats=repeat, variance=variance, grid=grid, maths=maths)
            * clip.variance_share
            / (clip.slope * clip.slope),
            clip.variance_share,
        )
        for sums, mean, repeat, clip in zip((before, after), means, repeats, clipped, strict=True)
    )
    return Spread(variance, lag1), baseline, trial


def join_sides(baseline: Side, *, trial: Side, spread: Spread, prior: Prior = PRIOR) -> Belief:
    """Both sides with the prior on relief: one more observation, ``trial - kept * baseline = 0``.

    Its error is ``kept_sd^2`` times the expected square of the baseline, so it never vanishes, and it grows
    with the surprise as under a t distribution of ``kept_df`` degrees of freedom: a patient who is far worse
    than before is believed. Source of the update: Kalman 1960; of the weight: Lange, Little and Taylor 1989.
    """
    surprise = prior.kept * baseline.mean - trial.mean
    doubt = prior.kept_sd**2 * (baseline.mean * baseline.mean + baseline.error)
    doubt = (prior.kept_df * doubt + surprise * surprise) / (prior.kept_df + 1.0)
    total = trial.error + prior.kept**2 * baseline.error + doubt
    gain_baseline, gain_trial = -prior.kept * baseline.error / total, trial.error / total
    return Belief(
        baseline=baseline.mean + gain_baseline * surprise,
        trial=trial.mean + gain_trial * surprise,
        baseline_variance=baseline.error + gain_baseline * prior.kept * baseline.error,
        trial_variance=trial.error - gain_trial * trial.error,
        covariance=prior.kept * gain_trial * baseline.error,
        spread=spread,
    )


def degrees_of_freedom(days_before: int, *, days_after: int, prior: Prior = PRIOR) -> int:
    """Of the t distribution: one a day, less the two means, plus the days the prior counts as."""
    return prior.sd_days + days_before + days_after - 2


def repeats_per_day(sums: DaySums, *, lag1: Any) -> Any:
    """How many days carry the news of one independent day: ``1 + 2/n * sum_k pairs_k * lag1^k``.

    1 without correlation, at most n. The variance of the mean of n days is ``variance * this / n``, and the
    squares about that mean have expectation ``variance * (n - this)``. Source: Bayley and Hammersley 1946.
    """
    total, power = 0.0 * lag1, lag1
    for pairs in sums.lags:
        total = total + pairs * power
        power = power * lag1
    return 1.0 + 2.0 * total / sums.days


def mean_error(days: Any, *, repeats: Any, variance: Any, grid: Grid, maths: Maths = SCALAR) -> Any:
    """Squared error of the mean of ``days`` days; rounding errors are independent from day to day."""
    noise = maths.clamp(variance - grid.rounding, 0.0, variance)
    return (noise * repeats + grid.rounding) / days


def shrink_lag1(
    before: DaySums, *, after: DaySums, grid: Grid, prior: Prior = PRIOR, maths: Maths = SCALAR
) -> Any:
    """Lag-1 correlation of day noise, shrunk toward the prior and kept from 0 to ``lag1_most``.

    Distances from a mean of few days are correlated downward even when the days are not; the expectation
    under the prior's correlation is given back first (Marriott and Pope 1954).
    """
    repeats = repeats_per_day(before, lag1=prior.lag1), repeats_per_day(after, lag1=prior.lag1)
    free = before.days - repeats[0] + after.days - repeats[1]
    variance = (_prior_squares(prior, grid) + before.squares + after.squares) / (prior.sd_days + free)
    given_back = before.lags[0] / before.days * repeats[0] + after.lags[0] / after.days * repeats[1]
    pairs = before.lags[0] + after.lags[0]
    seen = (before.lag_products + after.lag_products) / variance + given_back
    shrunk = prior.lag1 + (seen - pairs * prior.lag1) / (pairs + prior.lag1_pairs)
    return maths.clamp(shrunk, 0.0, prior.lag1_most)


def _prior_squares(prior: Prior, grid: Grid) -> Any:
    return prior.sd_days * ((prior.sd_share * (grid.high - grid.low)) ** 2 + grid.rounding)


class _Phases(NamedTuple):
    """Both phases with what is held while means and variance are solved in turn."""

    sums: tuple[DaySums, DaySums]
    repeats: tuple[Any, Any]
    grid: Grid
    prior: Prior
    maths: Maths

    def variance(self, shares: tuple[Any, Any]) -> Any:
        """Variance of a day, prior included, when clipping leaves ``shares`` of it to be seen."""
        before, after = self.sums
        seen = _prior_squares(self.prior, self.grid) + before.squares + after.squares
        free = shares[0] * (before.days - self.repeats[0]) + shares[1] * (after.days - self.repeats[1])
        return seen / (self.prior.sd_days + free)

    def unclip(
        self, means: tuple[Any, Any], shares: tuple[Any, Any]
    ) -> tuple[tuple[Any, Any], tuple[Clipped, Clipped]]:
        """Means before clipping, two Newton steps nearer, and what clipping makes of them."""
        sd = self.maths.sqrt(self.variance(shares))
        before, after = (
            self._unclip(mean, sums.mean, sd) for mean, sums in zip(means, self.sums, strict=True)
        )
        return (before[0], after[0]), (before[1], after[1])

    def _unclip(self, start: Any, reported: Any, sd: Any) -> tuple[Any, Clipped]:
        mean, clipped = start, self._clipped(start, sd)
        for _ in range(_NEWTON_STEPS):
            # A mean beyond the ends of the scale is no pain there is.
            step = (clipped.mean - reported) / clipped.slope
            mean = self.maths.clamp(mean - step, self.grid.low, self.grid.high)
            clipped = self._clipped(mean, sd)
        return mean, clipped

    def _clipped(self, mean: Any, sd: Any) -> Clipped:
        return clipped_normal(mean, sd=sd, ends=self.grid.ends, maths=self.maths)
