"""Rows of the tables ``subjects`` and ``trials``: a few statements, whatever the number of trials."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, F, JSONField, QuerySet
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from apps.cohorts.cohort import Cohort, anchor_of, grouped
from apps.outcomes.models import Assessment, Decision
from apps.outcomes.standing import standing_decisions
from apps.patients.models import ConservativeTherapy, Diagnosis
from apps.trials.models import AdverseEvent, ExternalStimulator, FollowUp, ProgramInterval, Revision
from sctrial import ENGINE_VERSION
from sctrial.deidentify import age_band, compute_age

Row = Mapping[str, Any]
#: What is told of a verdict, and where in its canonical form it stands.
TOLD = {
    "reduction_text": "verdict__reduction__exact",
    "no_percent": "verdict__reduction__reason",
    "baseline_text": "verdict__baseline__mean",
    "baseline_days": "verdict__baseline__days",
    "trial_text": "verdict__trial__mean",
    "trial_days": "verdict__trial__days",
    "probability": "certainty__probability",
    "low_90": "certainty__interval_90__0",
    "high_90": "certainty__interval_90__1",
    "stated_text": "frozen__facts__stated_relief",
}


def current_assessments(cohort: Cohort) -> "QuerySet[Assessment, Any]":
    """Of the newest evidence of each trial, with what is told of the verdict; the newest last."""
    rows = Assessment.objects.filter(
        trial__in=cohort.ids,
        evidence_id=F("trial__currency__evidence_id"),
        engine_version=ENGINE_VERSION,
    )
    frozen = rows.annotate(frozen=Cast("evidence__content", JSONField()))
    return frozen.annotate(**{name: KT(path) for name, path in TOLD.items()}).order_by("id")


def told_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that an assessment fills, from one row of ``current_assessments``."""
    return {
        "rule_set_version": row["rule_set_version"],
        "baseline_mean": number_of(row["baseline_text"]),
        "baseline_days": row["baseline_days"] and int(row["baseline_days"]),
        "trial_mean": number_of(row["trial_text"]),
        "trial_days": row["trial_days"] and int(row["trial_days"]),
        "percent_reduction": number_of(row["reduction_text"]),
        "no_percent": row["no_percent"] or "",
        "stated_relief": number_of(row["stated_text"]),
        "answer": row["answer"],
        "probability": number_of(row["probability"]),
        "low_90": number_of(row["low_90"]),
        "high_90": number_of(row["high_90"]),
    }


NOT_JUDGED: Mapping[str, Any] = {
    "rule_set_version": "",
    "no_percent": "",
    "answer": "",
} | dict.fromkeys(
    (
        "baseline_mean",
        "baseline_days",
        "trial_mean",
        "trial_days",
        "percent_reduction",
        "stated_relief",
        "probability",
        "low_90",
        "high_90",
    )
)


def number_of(text: str | None) -> float | None:
    """The nearest float to a stored "a/b" or decimal."""
    return None if text is None else float(Fraction(text))


def trial_rows(cohort: Cohort) -> Iterator[Row]:
    judged, seen = _judged(cohort), _last_seen(cohort)
    decided = {row.trial_id: row for row in standing_decisions().filter(trial__in=cohort.ids)}
    diagnoses = _diagnoses(cohort)
    waveforms = _in_order(ProgramInterval.objects.all(), cohort, name="waveform", by="started_on")
    devices = _in_order(ExternalStimulator.objects.all(), cohort, name="name", by="given_on")
    events = dict(
        AdverseEvent.objects.filter(trial__in=cohort.ids)
        .order_by()
        .values_list("trial_id")
        .annotate(Count("id"))
    )
    for facts in cohort.facts:
        trial = facts["id"]
        first = diagnoses.get(facts["patient_id"], [("", "")])[0]
        yield {
            **cohort.names(trial),
            **_as_it_stands(cohort, facts),
            **_decided(cohort, facts, decided.get(trial)),
            **judged.get(trial, NOT_JUDGED),
            **cohort.dated(trial, last_seen=max(seen.get(trial, []), default=None)),
            "diagnosis": first[0],
            "waveform": waveforms.get(trial, ""),
            "device": devices.get(trial, ""),
            "events": events.get(trial, 0),
        }


def _as_it_stands(cohort: Cohort, facts: Row) -> dict[str, Any]:
    placed, ended = facts["lead_placed_on"], facts["ended_on"]
    days = cohort.dated(
        facts["id"],
        planned_end=facts["planned_end_on"],
        ended=ended,
        diary_from=facts["diary_from"],
        implanted=facts["implant__implanted_on"],
        explanted=facts["implant__explant__explanted_on"],
    )
    # The one day whose name says by itself that it is one.
    days["diary_from"] = days.pop("diary_from_on")
    plain = ("modality", "repeat_number", "scale", "phase", "lead_placed_on")
    return days | {
        **{name: facts[name] for name in plain},
        "leads_placed": placed is not None,
        "trial_uuid": str(facts["id"]),
        "site": cohort.sites[facts["clinic_id"]],
        "clinic": facts["clinic__name"],
        "rule_set": cohort.rule_set_of(facts),
        "lead_days": (ended - placed).days if ended and placed else None,
        "end_reason": facts["end_reason"],
        "technical_cause": facts["technical_cause"],
        "explant_reason": facts["implant__explant__reason"] or "",
    }


def _decided(cohort: Cohort, facts: Row, decision: Decision | None) -> dict[str, Any]:
    zone = ZoneInfo(facts["clinic__zone"])
    day = decision.decided_at.astimezone(zone).date() if decision else None
    return cohort.dated(facts["id"], decided=day) | {
        "decision": decision.choice if decision else "",
        "decision_reason": decision.reason_code if decision else "",
    }


def _judged(cohort: Cohort) -> dict[UUID, Row]:
    columns = ("trial_id", "rule_set_id", "rule_set_version", "answer", *TOLD)
    rows = current_assessments(cohort)
    # One rule set a trial: what every other payer would say is left in the database.
    own = F("trial__rule_set_id")
    rows = rows.filter(rule_set_id=cohort.question.rule_set or own)
    return {row["trial_id"]: told_of(row) for row in rows.values(*columns)}


def _diagnoses(cohort: Cohort) -> dict[int, list[tuple[str, str]]]:
    rows = Diagnosis.objects.filter(cohort.of_patients(), superseded_by__isnull=True, is_void=False)
    found = rows.order_by("id").values_list("patient_id", "code", "body_region")
    return grouped((patient, (code, region)) for patient, code, region in found)


def _last_seen(cohort: Cohort) -> dict[UUID, list[date]]:
    """Days on which a patient with an implant was seen: to its end, of those who still have it."""
    asked = {"implant__trial__in": cohort.ids}
    visits = FollowUp.objects.filter(**asked).values_list("implant__trial", "seen_on")
    revisions = Revision.objects.filter(**asked).values_list("implant__trial", "revised_on")
    ends = ("implant__implanted_on", "implant__explant__explanted_on")
    known = ((facts["id"], facts[end]) for facts in cohort.facts for end in ends if facts[end])
    return grouped([*known, *visits, *revisions])


def _in_order(rows: QuerySet[Any], cohort: Cohort, *, name: str, by: str) -> dict[UUID, str]:
    """The different values of a trial's rows, joined by + in the order in which they came."""
    found = rows.filter(trial__in=cohort.ids).order_by(by, "id").values_list("trial_id", name)
    return {trial: "+".join(dict.fromkeys(values)) for trial, values in grouped(found).items()}


def subject_rows(cohort: Cohort) -> Iterator[Row]:
    diagnoses = _diagnoses(cohort)
    therapies = dict(
        ConservativeTherapy.objects.filter(cohort.of_patients(), superseded_by__isnull=True, is_void=False)
        .order_by()
        .values_list("patient_id")
        .annotate(Count("id"))
    )
    trials = Counter(facts["patient_id"] for facts in cohort.facts)
    for facts in _first_trials(cohort):
        patient = facts["patient_id"]
        known = diagnoses.get(patient, [])
        code, region = known[0] if known else ("", "")
        yield {
            "study_id": cohort.study_ids[patient],
            "pseudonym": facts["patient__pseudonym"],
            "site": cohort.sites[facts["clinic_id"]],
            "clinic": facts["clinic__name"],
            "age_band": _age_band(facts["patient__identity__born_on"], on=anchor_of(facts)),
            "language": facts["patient__language"],
            "diagnosis": code,
            "diagnosis_region": region,
            "diagnoses": len(known),
            "therapies": therapies.get(patient, 0),
            "trials": trials[patient],
        }


def _first_trials(cohort: Cohort) -> list[Row]:
    """Of each patient the first trial in the cohort."""
    first: dict[int, Row] = {}
    for facts in sorted(cohort.facts, key=lambda facts: (facts["patient_id"], facts["repeat_number"])):
        first.setdefault(facts["patient_id"], facts)
    return list(first.values())


def _age_band(born_on: date | None, *, on: date) -> str:
    return age_band(None if born_on is None else compute_age(born_on, on=on))
