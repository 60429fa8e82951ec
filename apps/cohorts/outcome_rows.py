"""Rows of the tables of judgements, signed decisions and adverse events."""

from collections.abc import Iterator, Mapping
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Prefetch

from apps.cohorts.cohort import Cohort
from apps.cohorts.trial_rows import PLAIN, TOLD, current_assessments, told_of
from apps.outcomes.models import Decision, Signature
from apps.trials.models import AdverseEvent
from sctrial.choices import Meaning

Row = Mapping[str, Any]
CODED = (
    "code",
    "severity",
    "serious",
    "serious_because",
    "related_to",
    "relation",
    "action",
    "outcome",
)


def assessment_rows(cohort: Cohort) -> Iterator[Row]:
    plain = ("rule_set_version", "rule_set_digest", "engine_version", "evidence_digest")
    newest: dict[Any, Row] = {}
    for row in current_assessments(cohort).values("trial_id", *PLAIN, *TOLD):
        newest[row["trial_id"], row["rule_set_id"], row["rule_set_version"]] = row
    for row in newest.values():
        yield {
            **cohort.names(row["trial_id"]),
            **told_of(row),
            "rule_set": row["rule_set_id"],
            "own": row["rule_set_id"] == cohort.by_id[row["trial_id"]]["rule_set_id"],
            **{name: row[name] for name in plain},
        }


def decision_rows(cohort: Cohort) -> Iterator[Row]:
    rows = (
        Decision.objects.filter(trial__in=cohort.among)
        .select_related("assessment")
        .defer("assessment__verdict", "assessment__certainty")
    )
    # Of a signature only what it means: its sealed document is the longest text of the database.
    meanings = Prefetch("signatures", Signature.objects.only("decision_id", "meaning"))
    signed = rows.prefetch_related(meanings).order_by("trial_id", "id")
    superseded = set(rows.exclude(supersedes=None).values_list("supersedes_id", flat=True))
    for trial, decisions in groupby(signed, key=attrgetter("trial_id")):
        zone = ZoneInfo(cohort.by_id[trial]["clinic__zone"])
        for number, decision in enumerate(decisions, 1):
            yield {
                **cohort.names(trial),
                **cohort.dated(trial, decided=decision.decided_at.astimezone(zone).date()),
                **_signed(decision),
                "decision_number": number,
                "superseded": decision.pk in superseded,
            }


def _signed(decision: Decision) -> dict[str, Any]:
    meanings = {signature.meaning for signature in decision.signatures.all()}
    return {
        "choice": decision.choice,
        "reason_code": decision.reason_code,
        "rule_set": decision.assessment.rule_set_id,
        "rule_set_version": decision.assessment.rule_set_version,
        "answer": decision.assessment.answer,
        "opened_again": Meaning.REOPENED.value in meanings,
        "countersigned": Meaning.COUNTERSIGNED.value in meanings,
    }


def event_rows(cohort: Cohort) -> Iterator[Row]:
    rows = AdverseEvent.objects.filter(trial__in=cohort.among).order_by("trial_id", "onset_on", "id")
    columns = ("trial_id", "onset_on", "ended_on", *CODED)
    for trial, events in groupby(rows.values(*columns), key=itemgetter("trial_id")):
        for number, event in enumerate(events, 1):
            yield {
                **cohort.names(trial),
                **cohort.dated(trial, onset=event["onset_on"], event_ended=event["ended_on"]),
                "event_number": number,
                **{name: event[name] for name in CODED},
            }
