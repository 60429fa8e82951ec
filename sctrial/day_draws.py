"""Multiple imputation of the missing days of a cohort, and the cohort's figures pooled over the imputations.

A day is a level of its trial in its phase, and chance: ``value = level[trial, phase] + day``. The two levels
of a trial are jointly normal over trials, days independent with a spread of their own in each phase. So a
trial that did not improve is not imputed as if it had, and a trial without a day in one phase takes its level
there from the other phase and from how both hang together over the cohort.

No Python library that is maintained imputes within groups; ``pan`` and ``jomo`` of R do, by the same sampler.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, NamedTuple

import numpy as np

from sctrial.columns import PHASES, Ints
from sctrial.filling import Floats, Gapped, fill_cohort
from sctrial.kleene import Answer
from sctrial.missing import Policy
from sctrial.pooling import Pooled, PooledShare, pool_estimates, pool_shares
from sctrial.sides import CODES
from sctrial.totals import Flags

#: Enough while at most 40 % of the information is missing (White, Royston and Wood 2011).
IMPUTATIONS: Final = 40
#: Steps of the sampler before the first imputation, and from each to the next. Defaults of this project.
BURN_IN: Final = 100
BETWEEN: Final = 5
#: Trials with days of both phases: fewer cannot tell how the two hang together. A default of this project.
FEWEST: Final = 5
#: Beside the places in ``Answer``: it is another in each imputation.
DRAWN: Final = -1
#: The prior weighs as much as so many trials, and as one day of each phase.
_PRIOR_TRIALS: Final = 3


class CannotImpute(ValueError):
    """Too little to learn from; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Imputed:
    """Figures over all imputations; ``shares`` by threshold. None where there is nobody to count.

    There is no ``change`` either where all trials changed alike: their spread would be 0.

    ``trials`` are counted, of whom ``gapped`` have a missing day; ``days`` is the number of imputed days.
    ``unknown`` trials have no day at all and are left out, as technical failures are.
    """

    change: Pooled | None
    shares: Mapping[Fraction, PooledShare | None]
    trials: int
    gapped: int
    days: int
    unknown: int


class _Known(NamedTuple):
    """Of each trial and phase: days, their sum and their squares, and missing days; shape (trials, 2)."""

    days: Floats
    sums: Floats
    squares: Floats
    gaps: Ints


class _State(NamedTuple):
    """Mean and covariance of the levels over trials, and variance of the days by phase."""

    centre: Floats
    spread: Floats
    noise: Floats


def impute_days(
    days: Gapped,
    *,
    generator: np.random.Generator,
    thresholds: Sequence[Fraction],
    imputations: int = IMPUTATIONS,
) -> Imputed:
    """Mean change (points, negative is relief) and shares with at least each of ``thresholds`` (1/2 is 50 %).

    Days are missing at random given those that have a value. A Gibbs sampler draws levels, spreads and
    then the missing days; days of one trial and phase are used in their mean only, so their sum is drawn.
    Drawn values are neither rounded nor cut to the scale, which would bias means (Horton 2003; von Hippel
    2013). Both phases are filled, observed days stay. A trial with a drawn baseline of 0 or less counts as
    not met, one whose days are all there and 0 has no percent and is not counted. Pooled by
    ``sctrial.pooling``; without a missing day these are the figures of the days themselves.

    The same generator gives the same figures, to the byte. Raises CannotImpute where days are missing
    and fewer than five trials have days of both phases, or days do not differ within trials.

    Source: Schafer and Yucel 2002 (J Comput Graph Stat 11:437); Rubin 1987.
    """
    held = days.held.reshape(-1, len(PHASES))
    unknown = ~days.technical & (held.sum(axis=1) == 0)
    known = ~days.technical & ~unknown
    rows = _known(days, known)
    if not rows.gaps.any():
        drawn = np.zeros((imputations, *rows.gaps.shape))
    else:
        drawn = np.array(list(_draw(rows, generator=generator, imputations=imputations)))
    sides = (rows.sums + drawn) / np.maximum(1, rows.days + rows.gaps)
    whole = (rows.gaps == 0).all(axis=1)
    filled: Flags = np.all(rows.days + rows.gaps > 0, axis=1)
    observed = fill_cohort(days, policy=Policy.OBSERVED)
    # Where nothing is missing the answer is the exact one.
    exact = {one: np.where(whole, observed.answers(one)[known], DRAWN) for one in thresholds}
    return Imputed(
        _change(sides[:, filled]),
        {one: _share(answers, one, sides=sides, filled=filled) for one, answers in exact.items()},
        trials=int(known.sum()),
        gapped=int((~whole).sum()),
        days=int(rows.gaps.sum()),
        unknown=int(unknown.sum()),
    )


def _known(days: Gapped, chosen: Flags) -> _Known:
    value = days.numerator / days.denominator

    def cells(of: Floats) -> Floats:
        found = np.bincount(days.cell, of, minlength=len(days.held)).reshape(-1, len(PHASES))[chosen]
        return found.astype(np.float64)

    return _Known(
        days.held.reshape(-1, len(PHASES))[chosen].astype(np.float64),
        cells(value),
        cells(value * value),
        days.gaps.reshape(-1, len(PHASES))[chosen],
    )


def _change(sides: Floats) -> Pooled | None:
    changes = sides[:, :, 1] - sides[:, :, 0]
    n = changes.shape[1]
    if n < 2 or not (changes.var(axis=1) > 0).all():
        return None
    return pool_estimates(
        changes.mean(axis=1).tolist(),
        variances=(changes.var(axis=1, ddof=1) / n).tolist(),
        complete_degrees_of_freedom=n - 1,
    )


def _share(answers: Ints, threshold: Fraction, *, sides: Floats, filled: Flags) -> PooledShare | None:
    counted = np.where(answers == DRAWN, filled, answers != CODES[Answer.NOT_EVALUABLE])
    before, after = sides[:, :, 0], sides[:, :, 1]
    reached = (before > 0) & (after <= float(1 - threshold) * before)
    met = np.where(answers == DRAWN, reached, answers == CODES[Answer.MET]) & counted
    of = int(counted.sum())
    return pool_shares(met.sum(axis=1).tolist(), of=of) if of else None


def _draw(known: _Known, *, generator: np.random.Generator, imputations: int) -> Iterator[Floats]:
    """Sums of the missing days, trial by phase, once for each imputation."""
    state = prior = _start(known)
    for step in range(1, BURN_IN + imputations * BETWEEN + 1):
        levels = _draw_levels(known, state, generator)
        state = _draw_state(known, levels, state, prior, generator)
        if step > BURN_IN and (step - BURN_IN) % BETWEEN == 0:
            chance = generator.standard_normal(levels.shape)
            yield known.gaps * levels + np.sqrt(known.gaps * state.noise) * chance


def _start(known: _Known) -> _State:
    """What the days say by themselves, which is where the sampler starts and what the prior is about."""
    both = (known.days > 0).all(axis=1)
    if both.sum() < FEWEST:
        raise CannotImpute(f"{FEWEST} trials with days of baseline and of the trial are needed")
    means = known.sums[both] / known.days[both]
    held = np.maximum(1, known.days)
    within = (known.squares - known.sums**2 / held).sum() / max(1, (held - 1).sum())
    if within <= 1e-9:
        raise CannotImpute("the days of a trial do not differ, so there is no spread to draw from")
    spread = np.maximum(means.var(axis=0, ddof=1), within / known.days.mean())
    return _State(means.mean(axis=0), np.diag(spread), np.full(len(PHASES), within))


def _draw_levels(known: _Known, state: _State, generator: np.random.Generator) -> Floats:
    """Both levels of every trial from their normal given its days: two by two, in closed form."""
    inverse = np.linalg.inv(state.spread)
    first, second = (inverse[n, n] + known.days[:, n] / state.noise[n] for n in (0, 1))
    cross = inverse[0, 1]
    right = inverse @ state.centre + known.sums / state.noise
    size = first * second - cross**2
    one = (second * right[:, 0] - cross * right[:, 1]) / size
    other = (first * right[:, 1] - cross * right[:, 0]) / size
    chance = generator.standard_normal((2, len(size)))
    scale = np.sqrt(second / size)
    return np.column_stack(
        [one + scale * chance[0], other - cross / (size * scale) * chance[0] + chance[1] / np.sqrt(second)]
    )


def _draw_state(
    known: _Known, levels: Floats, state: _State, prior: _State, generator: np.random.Generator
) -> _State:
    from scipy.stats import invwishart

    trials = len(levels)
    chance = generator.standard_normal(2)
    centre = levels.mean(axis=0) + np.linalg.cholesky(state.spread / trials) @ chance
    apart = levels - centre
    spread = invwishart.rvs(
        _PRIOR_TRIALS + trials, _PRIOR_TRIALS * prior.spread + apart.T @ apart, random_state=generator
    )
    left = (known.squares - 2 * levels * known.sums + known.days * levels**2).sum(axis=0)
    noise = (prior.noise + left) / generator.chisquare(1 + known.days.sum(axis=0))
    return _State(centre, spread, noise)
