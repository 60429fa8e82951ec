"""Rows of the tables ``subjects`` and ``trials``: a few statements, whatever the number of trials."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import chain
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import ArrayField
from django.db.models import Count, F, Func, QuerySet, TextField
from django.db.models.expressions import Combinable

from apps.cohorts.cohort import Cohort, anchor_of, grouped
from apps.outcomes.models import Decision, TrialCurrency
from apps.outcomes.standing import standing_decisions
from apps.patients.models import ConservativeTherapy, Diagnosis
from apps.trials.models import AdverseEvent, ExternalStimulator, FollowUp, ProgramInterval, Revision
from sctrial import ENGINE_VERSION
from sctrial.deidentify import age_band, compute_age

Row = Mapping[str, Any]


class OfVerdict(Func):
    """What is told of a verdict, as texts: reduction, why there is none, then mean and days of each side.

    Each look into a long document unpacks all of it anew: its three short parts are taken out together.
    """

    template = """(
        SELECT ARRAY[reduction ->> 'exact', reduction ->> 'reason', baseline ->> 'mean', baseline ->> 'days',
                     trial ->> 'mean', trial ->> 'days']
        FROM jsonb_to_record(%(expressions)s) AS part(reduction jsonb, baseline jsonb, trial jsonb)
    )"""
    output_field = ArrayField(TextField())


class OfCertainty(Func):
    """What is told of a certainty, as texts: the probability, and both ends of the interval."""

    template = """ARRAY[
        (%(expressions)s) ->> 'probability', (%(expressions)s) #>> '{interval_90,0}',
        (%(expressions)s) #>> '{interval_90,1}'
    ]"""
    output_field = ArrayField(TextField())


class StatedRelief(Func):
    """The stated relief out of the frozen text of an evidence, "" where there is none.

    The text is canonical JSON: no blank stands between a key and its value, and a quotation mark inside a
    text has a backslash before it, so what is looked for can be nothing but the key with a text after it. To
    read the whole document, with every entry, would take longer than all else of a trial.
    """

    template = """split_part(split_part(%(expressions)s, '"stated_relief":"', 2), '"', 1)"""
    output_field = TextField()


PLAIN = ("rule_set_id", "rule_set_version", "rule_set_digest", "engine_version", "evidence_digest", "answer")
#: What is told of an assessment, and where it stands.
TOLD: Mapping[str, Combinable] = {
    "of_verdict": OfVerdict("evidence__assessments__verdict"),
    "of_certainty": OfCertainty("evidence__assessments__certainty"),
    "stated_text": StatedRelief("evidence__content"),
}


def current_assessments(cohort: Cohort, *, rule_set: str | F | None = None) -> "QuerySet[TrialCurrency, Any]":
    """Of the newest evidence of each trial, with what is told of the verdict; the newest last.

    By way of the evidence: by way of the trial the planner expects next to no row, and looks up all. The rule
    set is asked for here, for a later filter would be about any other assessment of the same evidence.
    """
    asked = {} if rule_set is None else {"evidence__assessments__rule_set_id": rule_set}
    rows = TrialCurrency.objects.filter(
        trial__in=cohort.among, evidence__assessments__engine_version=ENGINE_VERSION, **asked
    )
    plain = {name: F(f"evidence__assessments__{name}") for name in PLAIN}
    return rows.annotate(**plain, **TOLD).order_by("evidence__assessments__id")


def told_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that an assessment fills, from one row of ``current_assessments``."""
    probability, low, high = row["of_certainty"]
    reduction, no_percent, baseline, baseline_days, trial, trial_days = row["of_verdict"]
    return {
        "rule_set_version": row["rule_set_version"],
        "baseline_mean": number_of(baseline),
        "baseline_days": baseline_days and int(baseline_days),
        "trial_mean": number_of(trial),
        "trial_days": trial_days and int(trial_days),
        "percent_reduction": number_of(reduction),
        "no_percent": no_percent or "",
        "stated_relief": number_of(row["stated_text"] or None),
        "answer": row["answer"],
        "probability": number_of(probability),
        "low_90": number_of(low),
        "high_90": number_of(high),
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
    if text is None:
        return None
    numerator, slash, denominator = text.partition("/")
    return int(numerator) / int(denominator) if slash else float(text)


def trial_rows(cohort: Cohort) -> Iterator[Row]:
    judged, seen = _judged(cohort), _last_seen(cohort)
    decided = {row.trial_id: row for row in standing_decisions().filter(trial__in=cohort.among)}
    diagnoses = _diagnoses(cohort)
    waveforms = _in_order(ProgramInterval.objects.all(), cohort, name="waveform", by="started_on")
    devices = _in_order(ExternalStimulator.objects.all(), cohort, name="name", by="given_on")
    events = dict(
        AdverseEvent.objects.filter(trial__in=cohort.among)
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
            **cohort.dated(trial, last_seen=seen.get(trial)),
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
    # One rule set a trial: what every other payer would say is left in the database.
    rows = current_assessments(cohort, rule_set=cohort.question.rule_set or F("trial__rule_set_id"))
    return {row["trial_id"]: told_of(row) for row in rows.values("trial_id", *PLAIN, *TOLD)}


def _diagnoses(cohort: Cohort) -> dict[int, list[tuple[str, str]]]:
    rows = Diagnosis.objects.filter(cohort.of_patients(), superseded_by__isnull=True, is_void=False)
    found = rows.order_by("id").values_list("patient_id", "code", "body_region")
    return grouped((patient, (code, region)) for patient, code, region in found)


def _last_seen(cohort: Cohort) -> dict[UUID, date]:
    """The last day on which a patient with an implant was seen: to its end, of those who still have it."""
    asked = {"implant__trial__in": cohort.among}
    visits = FollowUp.objects.filter(**asked).values_list("implant__trial", "seen_on")
    revisions = Revision.objects.filter(**asked).values_list("implant__trial", "revised_on")
    ends = ("implant__implanted_on", "implant__explant__explanted_on")
    known = ((facts["id"], facts[end]) for end in ends for facts in cohort.facts if facts[end])
    last: dict[UUID, date] = {}
    for trial, day in chain(known, visits, revisions):
        if trial not in last or last[trial] < day:
            last[trial] = day
    return last


def _in_order(rows: QuerySet[Any], cohort: Cohort, *, name: str, by: str) -> dict[UUID, str]:
    """The different values of a trial's rows, joined by + in the order in which they came."""
    found = rows.filter(trial__in=cohort.among).order_by(by, "id").values_list("trial_id", name)
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
            "age_band": age_band(_age(facts)),
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


def ages_of(cohort: Cohort) -> dict[str, int]:
    """By study id, at the first trial in the cohort, of whom it is known: for inside the clinic."""
    ages = {cohort.study_ids[facts["patient_id"]]: _age(facts) for facts in _first_trials(cohort)}
    return {study_id: age for study_id, age in ages.items() if age is not None}


def _age(facts: Row) -> int | None:
    born_on = facts["patient__identity__born_on"]
    return None if born_on is None else compute_age(born_on, on=anchor_of(facts))
