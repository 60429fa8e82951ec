"""One criterion answered: the answer, the sentence that says why, and what is missing when there is none."""

from dataclasses import dataclass

from sctrial.kleene import Answer
from sctrial.nodes import Criterion
from sctrial.reasons import SENTENCES, Missing, ReasonCode, missing_for


@dataclass(frozen=True, slots=True)
class CriterionResult:
    """One criterion answered.

    ``value`` and ``threshold`` are for reading; ``exact`` is "a/b", in the unit of the value: percent, score
    points, days, hours, or MME a day more than before.
    """

    id: str
    label: str
    answer: Answer
    code: ReasonCode
    text: str
    value: str | None = None
    exact: str | None = None
    threshold: str | None = None
    missing: Missing | None = None
    children: tuple["CriterionResult", ...] = ()

    def canonical(self) -> dict[str, object]:
        """Plain and stable, for storing and sealing."""
        missing = self.missing and {"what": self.missing.what, "who": self.missing.who}
        return {
            "id": self.id,
            "label": self.label,
            "answer": self.answer.value,
            "code": self.code.value,
            "text": self.text,
            "value": self.value,
            "exact": self.exact,
            "threshold": self.threshold,
            "missing": missing,
            "children": [child.canonical() for child in self.children],
        }


def met_or_not(met: bool) -> Answer:
    """Met for True, not met for False; "not evaluable" is never made here."""
    return Answer.MET if met else Answer.NOT_MET


def sentence(code: ReasonCode, **parts: str) -> str:
    """The sentence of ``code`` with its parts filled in, beginning with a capital."""
    text = SENTENCES[code].format(**parts)
    return text[0].upper() + text[1:]


def unanswered(node: Criterion, code: ReasonCode, *, subject: str = "", who: str = "") -> CriterionResult:
    """``node`` as not evaluable for the reason ``code``, with what is missing and who can supply it."""
    missing = missing_for(code, subject=subject, who=who)
    text = sentence(code, subject=subject)
    return CriterionResult(node.id, node.label, Answer.NOT_EVALUABLE, code, text, missing=missing)


def against_limit(
    node: Criterion, met: bool, *, subject: str, value: str, asked: str, exact: str, threshold: str
) -> CriterionResult:
    """``node`` answered by holding one value against what the rule asks."""
    code = ReasonCode.LIMIT_KEPT if met else ReasonCode.LIMIT_NOT_KEPT
    text = sentence(code, subject=subject, value=value, asked=asked)
    return CriterionResult(
        node.id, node.label, met_or_not(met), code, text, value=value, exact=exact, threshold=threshold
    )


def yes_or_no(node: Criterion, met: bool, code: ReasonCode, *, value: bool, wanted: bool) -> CriterionResult:
    """``node`` answered by a recorded yes or no."""
    shown, threshold = ("yes" if flag else "no" for flag in (value, wanted))
    text = sentence(code, subject=node.label)
    return CriterionResult(node.id, node.label, met_or_not(met), code, text, value=shown, threshold=threshold)
