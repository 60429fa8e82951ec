"""Which trials a question means, within the clinics where the person who asks may read cohorts."""

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa
from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.cohorts.models import Snapshot, SnapshotClinic
from apps.cohorts.question import BadQuestion, CohortQuestion, Order
from apps.patients.models import Diagnosis
from apps.trials.models import ExternalStimulator, ProgramInterval, StimulationTrial
from apps.trials.rules import read_rulebook
from apps.workspace.permissions import Access
from sctrial.arrow_tables import read_parquet
from sctrial.deidentify_tables import Form

SNAPSHOT = "cohorts.snapshot"
IDENTIFIED = "cohorts.snapshot.identified"
#: With how many earlier snapshots a new one is compared: with the newest.
MOST_COMPARED = 500


def clinics_of(question: CohortQuestion, *, access: Access) -> frozenset[int]:
    """The clinics that count. Raises BadQuestion for one that this person may not read."""
    allowed = access.clinics("view", resource=SNAPSHOT)
    foreign = sorted(set(question.clinics) - allowed)
    if foreign:
        raise BadQuestion(
            {"clinic": f"names {foreign[0]}, which is not among the clinics that you may read; leave it out."}
        )
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
        "scale": question.scale or None,
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


def open_snapshots(access: Access) -> QuerySet[Snapshot]:
    """Those whose clinics this person may all read; identified ones only for who could make them."""
    readable = access.clinics("view", resource=SNAPSHOT)
    treated = access.clinics("add", resource=IDENTIFIED)
    found = Snapshot.objects.filter(_of(readable), ~_of_others(readable))
    return found.filter(~Q(form=Form.IDENTIFIED.value) | ~_of_others(treated)).defer("people")


def earlier_snapshots(clinics: Iterable[int]) -> QuerySet[Snapshot]:
    """De-identified ones with a clinic in common, the newest first."""
    found = Snapshot.objects.exclude(form=Form.IDENTIFIED.value).filter(_of(clinics))
    return found.only("id", "question", "people")[:MOST_COMPARED]


def _of(clinics: Iterable[int]) -> Exists:
    return Exists(SnapshotClinic.objects.filter(snapshot=OuterRef("pk"), clinic__in=list(clinics)))


def _of_others(clinics: Iterable[int]) -> Exists:
    return Exists(SnapshotClinic.objects.filter(snapshot=OuterRef("pk")).exclude(clinic__in=list(clinics)))


def table_of(snapshot: Snapshot, name: str) -> pa.Table:
    """One table of a snapshot. Raises SnapshotTable.DoesNotExist."""
    return read_parquet(bytes(snapshot.tables.get(name=name).content))
