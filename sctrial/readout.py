"""Verdicts as text: a JSON object a line for programs, a table and sentences for people."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from sctrial import ENGINE_VERSION
from sctrial.certainty import Certainty, NoInterval
from sctrial.criteria import RuleSet
from sctrial.evaluate import CriterionResult
from sctrial.evidence import Evidence, Protocol
from sctrial.kleene import Answer
from sctrial.limits import display_threshold
from sctrial.reduction import display_mean, display_percent
from sctrial.robustness import Robustness
from sctrial.seal import fraction_text
from sctrial.verdict import Verdict
from sctrial.windows import WindowFigures

NOTICE = "This informs a clinician and decides nothing. Not a medical device, not CE marked."

_ANSWER_WORDS = {
    Answer.MET: "met",
    Answer.NOT_MET: "not met",
    Answer.NOT_EVALUABLE: "not evaluable",
}


@dataclass(frozen=True, slots=True)
class Judged:
    """One patient's evidence with its verdict, how sure it is, and how it stands under other analyses."""

    patient: str
    evidence: Evidence
    verdict: Verdict
    certainty: Certainty
    robustness: Robustness


def json_line(judged: Judged, *, rule_set: RuleSet, analyses: bool = False) -> str:
    """One compact JSON object, ASCII only, fractions as "a/b" in lowest terms; no line end.

    Only ``certainty`` holds decimal numbers: percent with two places and a probability with four, which is
    all that is claimed of them. ``analyses`` lists every analysis of the grid.
    """
    verdict, protocol = judged.verdict, judged.evidence.protocol
    content = {
        "patient": judged.patient,
        "rule_set": {"id": rule_set.id, "version": rule_set.version, "digest": rule_set.digest},
        "engine": ENGINE_VERSION,
        "windows": _windows(protocol),
        "scale": protocol.scale.value,
        "baseline": verdict.baseline.canonical(),
        "trial": verdict.trial.canonical(),
        "percent_reduction": _percent(verdict),
        "verdict": verdict.answer.value,
        "reasons": [
            {"code": reason.code.value, "text": reason.text, "criterion": reason.criterion}
            for reason in verdict.reasons
        ],
        "criteria": verdict.criteria.canonical(),
        "evidence_digest": judged.evidence.digest,
        "certainty": _certainty(judged.certainty),
        "robustness": _robustness(judged.robustness, analyses=analyses),
    }
    return json.dumps(content, separators=(",", ":"))


def _windows(protocol: Protocol) -> dict[str, str]:
    return {
        "baseline": str(protocol.baseline_window),
        "trial": str(protocol.trial_window),
        "several": protocol.several.value,
    }


def _percent(verdict: Verdict) -> dict[str, str | None]:
    exact, reason = verdict.reduction.exact, verdict.reduction.reason
    return {
        "exact": None if exact is None else fraction_text(exact),
        "display": display_percent(exact),
        "reason": None if reason is None else reason.value,
    }


def _certainty(certainty: Certainty) -> dict[str, object]:
    return {
        **certainty.canonical(),
        "interval_90": certainty.printed_interval_90,
        "probability": certainty.printed_probability,
    }


def _robustness(robustness: Robustness, *, analyses: bool) -> dict[str, object]:
    listed = robustness.canonical()
    return {key: value for key, value in listed.items() if analyses or key != "analyses"}


def report(judged: Iterable[Judged], *, rule_set: RuleSet, protocol: Protocol) -> Iterator[str]:
    """Lines for people: the rule, a table with one line a patient, the criteria of each, the notice."""
    patients = list(judged)
    yield f"{rule_set.title} ({rule_set.id} {rule_set.version})"
    yield f"Baseline {protocol.baseline_window}, trial {protocol.trial_window}, {_day_rule(protocol)}."
    yield ""
    yield from _table([_HEADINGS, *(_row(one) for one in patients)])
    for one in patients:
        yield ""
        yield f"{one.patient}: {_ANSWER_WORDS[one.verdict.answer]}"
        yield from _criteria(one.verdict.criteria, depth=1)
        yield f"  {certainty_line(one.certainty)}"
        yield f"  {robustness_line(one.robustness)}"
    yield ""
    yield from (f"Caution: {caution}" for caution in rule_set.cautions)
    yield NOTICE


def _day_rule(protocol: Protocol) -> str:
    return f"several scores a day: {protocol.several.value}, scale {protocol.scale.value}"


_HEADINGS = ("patient", "verdict", "reduction", "baseline", "days", "missing", "trial", "days", "missing")


def _row(one: Judged) -> tuple[str, ...]:
    verdict = one.verdict
    return (
        one.patient,
        _ANSWER_WORDS[verdict.answer],
        display_percent(verdict.reduction.exact),
        *_side(verdict.baseline),
        *_side(verdict.trial),
    )


def _side(figures: WindowFigures) -> tuple[str, str, str]:
    mean = "-" if figures.mean is None else display_mean(figures.mean)
    return mean, str(figures.days), str(figures.missing_days)


def _table(rows: list[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        # Words stand left, figures right, as in any printed table.
        words = [cell.ljust(width) for cell, width in zip(row[:2], widths[:2], strict=True)]
        figures = [cell.rjust(width) for cell, width in zip(row[2:], widths[2:], strict=True)]
        yield "  ".join(words + figures).rstrip()


def _criteria(result: CriterionResult, *, depth: int) -> Iterator[str]:
    yield f"{'  ' * depth}{result.label}: {_ANSWER_WORDS[result.answer]}. {result.text}"
    for child in result.children:
        yield from _criteria(child, depth=depth + 1)


def certainty_line(certainty: Certainty) -> str:
    """One sentence: the interval and the probability, or why there is none."""
    if certainty.probability is None:
        return f"Certainty: no figure, because {_NO_INTERVAL[certainty.reason]}."
    reaches = (
        f"the probability that it reaches {display_threshold(certainty.threshold)} "
        f"is {display_probability(certainty.probability)}"
    )
    if certainty.interval_90 is None:
        return f"Certainty: no interval, because {_NO_INTERVAL[certainty.reason]}; {reaches}."
    low, high = (display_percent(Fraction(end)) for end in certainty.interval_90)
    return f"Certainty: the true reduction lies between {low} and {high} with 90 % confidence; {reaches}."


def display_probability(probability: float) -> str:
    """Two decimals, half away from zero, but never a 0 or a 1 that nobody can be sure of."""
    if probability < _SURELY_NOT:
        return f"below {_SURELY_NOT}"
    if probability > _SURELY:
        return f"above {_SURELY}"
    return display_mean(Fraction(probability))


def robustness_line(robustness: Robustness) -> str:
    """One sentence: in how many analyses of the grid the rule is met."""
    counts = robustness.summary()
    return (
        f"Robustness: met in {counts['met']} of {counts['of']} analyses, not met in {counts['not_met']}, "
        f"not evaluable in {counts['not_evaluable']}."
    )


_SURELY_NOT, _SURELY = 0.01, 0.99
_NO_INTERVAL = {
    None: "there is none",
    NoInterval.BASELINE_MISSING: "there is no baseline score",
    NoInterval.TRIAL_MISSING: "there is no trial score",
    NoInterval.BASELINE_ZERO: "the baseline is 0",
    NoInterval.BASELINE_NEAR_ZERO: "the baseline is too near 0",
}
