"""Frozen evidence, assessments, and what was decided on them."""

from apps.outcomes.models.assessments import ANSWERS, Assessment, Evidence, TrialCurrency
from apps.outcomes.models.decisions import Decision, Signature
from apps.outcomes.models.outcomes import TrialOutcome
from apps.outcomes.models.runs import RecomputeBlock, RecomputeRun

__all__ = [
    "ANSWERS",
    "Assessment",
    "Decision",
    "Evidence",
    "RecomputeBlock",
    "RecomputeRun",
    "Signature",
    "TrialCurrency",
    "TrialOutcome",
]
