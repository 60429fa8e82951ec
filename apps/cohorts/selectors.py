"""Which trials a question means, within the clinics where the person who asks may read cohorts."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.cohorts.question import BadQuestion, CohortQuestion, Order
from apps.patients.models import Diagnosis
from apps.trials.models import ExternalStimulator, ProgramInterval, StimulationTrial
from apps.trials.rules import read_rulebook
from apps.workspace.permissions import Access

SNAPSHOT = "cohorts.snapshot"


def clinics_of(question: CohortQuestion, *, access: Access) -> frozenset[int]:
    """The clinics that count. Raises BadQuestion for one that this person may not read."""
    allowed = access.clinics("view", resource=SNAPSHOT)
    foreign = sorted(set(question.clinics) - allowed)
    if foreign:
        raise BadQuestion({"clinic": f"{foreign[0]} is not among the clinics that you may read."})
    return frozenset(question.clinics) or allowed


def trials_of(question: CohortQuestion, *, access: Access) -> QuerySet[StimulationTrial]:
    """The trials of a question. Raises BadQuestion for a clinic or a rule set that is not there."""
    clinics = clinics_of(question, access=access)
    _require_rule_set(question, clinics=clinics)
    found = StimulationTrial.objects.filter(clinic__in=clinics)
    for condition in _conditions(question):
        found = found.filter(condition)
    return found.order_by("id")


def _require_rule_set(question: CohortQuestion, *, clinics: frozenset[int]) -> None:
    if not question.rule_set:
        return
    rulebook = read_rulebook(clinics)
    known = {rule for clinic in (*clinics, None) for rule in rulebook.rules_of(clinic)}
    if question.rule_set not in known:
        raise BadQuestion({"rule_set": f"is not known; write one of {', '.join(sorted(known))}."})


def _conditions(question: CohortQuestion) -> list[Q | Exists]:
    asked: Mapping[str, Any] = {
        "lead_placed_on__gte": question.placed_from,
        "lead_placed_on__lte": question.placed_to,
        "modality": question.modality or None,
        "repeat_number": 1 if question.order is Order.FIRST else None,
        "repeat_number__gt": 1 if question.order is Order.REPEAT else None,
    }
    plain: list[Q | Exists] = [Q(**{lookup: value}) for lookup, value in asked.items() if value is not None]
    return plain + _conditions_of_others(question)


def _conditions_of_others(question: CohortQuestion) -> list[Q | Exists]:
    conditions: list[Q | Exists] = []
    if question.diagnosis:
        standing = Diagnosis.objects.filter(superseded_by__isnull=True, is_void=False)
        conditions.append(
            Exists(standing.filter(patient=OuterRef("patient"), code__startswith=question.diagnosis))
        )
    if question.waveform:
        programs = ProgramInterval.objects.filter(trial=OuterRef("pk"), waveform=question.waveform)
        conditions.append(Exists(programs))
    if question.device:
        devices = ExternalStimulator.objects.filter(trial=OuterRef("pk"), name__iexact=question.device)
        conditions.append(Exists(devices))
    return conditions
