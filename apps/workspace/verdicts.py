"""A stored verdict put into words for a page. Nothing here judges: figures come from the assessment row."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from apps.outcomes.models import Assessment
from sctrial.certainty import Certainty, NoInterval
from sctrial.criteria import RuleSet, Setting
from sctrial.kleene import Answer
from sctrial.limits import display_threshold
from sctrial.nodes import PainReduction, walk
from sctrial.readout import certainty_line
from sctrial.reduction import NoPercent, display_mean, display_percent_at
from sctrial.scales import TARGET
from sctrial.windows import UnknownWindow, WindowKind, parse_window

NOTICE = "This informs a clinician and decides nothing. Not a medical device, not CE marked."

WINDOW_WORDS = {
    WindowKind.LAST_N_DAYS: "last {n} days",
    WindowKind.WHOLE_PHASE: "whole phase",
    WindowKind.EXCLUDE_FIRST_N_DAYS: "without the first {n} days",
    WindowKind.BEST_DAY: "best day",
}
NO_PERCENT_WORDS = {
    NoPercent.BASELINE_ZERO: "baseline is 0, so there is no percent",
    NoPercent.BASELINE_MISSING: "no score in the baseline window",
    NoPercent.TRIAL_MISSING: "no score in the trial window",
}


@dataclass(frozen=True, slots=True)
class Criterion:
    """One line of the checklist; ``depth`` is how far it stands below the root."""

    label: str
    answer: str
    answer_words: str
    text: str
    value: str
    threshold: str
    missing: str
    depth: int
    is_group: bool


@dataclass(frozen=True, slots=True)
class WindowReading:
    """One side of the comparison."""

    words: str
    mean: str
    days: int
    asked: int
    missing: tuple[date, ...]
    missing_days: int
    first_day: date | None
    last_day: date | None

    def holds(self, day: date) -> bool:
        if self.first_day is None or self.last_day is None:
            return False
        return self.first_day <= day <= self.last_day


@dataclass(frozen=True, slots=True)
class Reading:
    """One assessment, ready to be read."""

    row: Assessment
    rule: RuleSet | None
    title: str
    answer: str
    answer_words: str
    sentence: str
    why: str
    percent: str
    percent_why: str
    threshold: str
    baseline: WindowReading
    trial: WindowReading
    criteria: tuple[Criterion, ...]
    missing: tuple[str, ...]
    certainty: str

    @property
    def is_routine(self) -> bool:
        """Asked in routine care; the others are endpoints of studies and grades of relief."""
        return self.rule is None or self.rule.setting is Setting.ROUTINE

    @property
    def figure(self) -> SafeString:
        """The reduction and what is asked of it, or why there is none; markup in the language of the page."""
        if not self.percent:
            return format_html('<span class="quiet">{}</span>', self.percent_why)
        shown = format_html('<span class="figure-inline">{}</span>', self.percent)
        asked = format_html(' <span class="quiet">{} {}</span>', gettext("asked"), self.threshold)
        return shown + asked if self.threshold else shown

    @property
    def kind(self) -> str:
        return self.rule.score_kind.value if self.rule else "average"


def read_assessment(
    row: Assessment, *, rules: Mapping[str, RuleSet], protocol: Mapping[str, str] | None = None
) -> Reading:
    """``protocol`` is the one frozen in the evidence; without it the windows stay without words."""
    rule, verdict = rules.get(row.rule_set_digest), row.verdict
    answer_words = row.get_answer_display()
    return Reading(
        row=row,
        rule=rule,
        title=rule.title if rule else row.rule_set_id,
        answer=row.answer,
        answer_words=answer_words,
        sentence=f"{answer_words}: {deciding_text(verdict['criteria'])}",
        why=deciding_text(verdict["criteria"]),
        percent=percent_of(row, rule=rule),
        percent_why=_why_no_percent(verdict),
        threshold=threshold_words(rule),
        baseline=_window(row, "baseline", protocol=protocol or {}),
        trial=_window(row, "trial", protocol=protocol or {}),
        criteria=tuple(criteria_of(verdict["criteria"])),
        missing=tuple(dict.fromkeys(_still_missing(verdict["criteria"]))),
        certainty=certainty_words(row.certainty),
    )


def certainty_words(stored: Mapping[str, Any]) -> str:
    """How sure the reduction is, in one line; why not, where nothing can be said."""
    interval = stored["interval_90"]
    return certainty_line(
        Certainty(
            threshold=Fraction(stored["threshold"]),
            interval_90=(float(interval[0]), float(interval[1])) if interval else None,
            probability=None if stored["probability"] is None else float(stored["probability"]),
            reason=NoInterval(stored["reason"]) if stored["reason"] else None,
        )
    )


def percent_of(row: Assessment, *, rule: RuleSet | None) -> str:
    """As the core prints it beside a threshold, never rounded across it; empty when there is none."""
    exact = row.verdict["reduction"]["exact"]
    if exact is None:
        return ""
    threshold = pain_threshold(rule)
    value = Fraction(exact)
    return f"{display_mean(value)} %" if threshold is None else display_percent_at(value, threshold=threshold)


def pain_threshold(rule: RuleSet | None) -> Fraction | None:
    """The share by which the decision region's pain must fall, if the rule asks for one."""
    nodes = walk(rule.root) if rule else iter(())
    wanted = (
        node.threshold
        for node in nodes
        if isinstance(node, PainReduction) and rule and (node.region, node.kind) == (TARGET, rule.score_kind)
    )
    return next(wanted, None)


def threshold_words(rule: RuleSet | None) -> str:
    threshold = pain_threshold(rule)
    return "" if threshold is None else f"≥ {display_threshold(threshold)}"


def mean_of(row: Assessment, *, side: str) -> Fraction | None:
    text = row.verdict[side]["mean"]
    return None if text is None else Fraction(text)


def deciding_text(criteria: Mapping[str, Any]) -> str:
    """The sentence of the first criterion that answers as the whole does."""
    leaves = list(_leaves(criteria))
    decisive = (leaf for leaf in leaves if leaf["answer"] == criteria["answer"])
    return str(next(decisive, leaves[0])["text"])


def criteria_of(node: Mapping[str, Any], *, depth: int = 0) -> Iterator[Criterion]:
    """The checklist in the order of the rule."""
    yield Criterion(
        label=node["label"],
        answer=node["answer"],
        answer_words=node["answer"].replace("_", " "),
        text=node["text"],
        value=node["value"] or "",
        threshold=(node["threshold"] or "").replace(">=", "≥"),
        missing=_missing_words(node),
        depth=depth,
        is_group=bool(node["children"]),
    )
    for child in node["children"]:
        yield from criteria_of(child, depth=depth + 1)


def window_words(text: str) -> str:
    """The words of a window: "last 3 days"."""
    try:
        window = parse_window(text)
    except UnknownWindow:
        return text
    words = WINDOW_WORDS[window.kind].format(n=window.n)
    return words.replace("1 days", "day") if window.n == 1 else words


def _missing_words(node: Mapping[str, Any]) -> str:
    missing = node["missing"]
    return f"{missing['what']} (from {missing['who']})" if missing else ""


def _still_missing(node: Mapping[str, Any]) -> Iterator[str]:
    """What could still decide the verdict; a gap under a criterion that is decided is not asked for."""
    if node["answer"] != Answer.NOT_EVALUABLE:
        return
    if node["missing"]:
        yield _missing_words(node)
    for child in node["children"]:
        yield from _still_missing(child)


def _leaves(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if not node["children"]:
        yield node
    for child in node["children"]:
        yield from _leaves(child)


def _why_no_percent(verdict: Mapping[str, Any]) -> str:
    reason = verdict["reduction"]["reason"]
    return NO_PERCENT_WORDS[NoPercent(reason)] if reason else ""


def _window(row: Assessment, side: str, *, protocol: Mapping[str, str]) -> WindowReading:
    figures = row.verdict[side]
    return WindowReading(
        words=window_words(protocol.get(f"{side}_window", "")),
        mean="" if figures["mean"] is None else display_mean(Fraction(figures["mean"])),
        days=figures["days"],
        asked=figures["days"] + figures["missing_days"],
        missing=tuple(date.fromisoformat(day) for day in figures["missing_dates"]),
        missing_days=figures["missing_days"],
        first_day=_day(figures["first_day"]),
        last_day=_day(figures["last_day"]),
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
