"""Before the trial: what was tried, what was looked at, and what each payer still lacks."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import Aggregate, Count, Max, OuterRef, QuerySet, Subquery

from apps.audit.models import ValueChange
from apps.diary.models import QuestionnaireResponse
from apps.diary.totals import total_words
from apps.outcomes.querysets import among
from apps.outcomes.selectors import newest_responses, read_evidence, rules_for
from apps.patients.models import (
    BeforeTrial,
    ConservativeTherapy,
    Diagnosis,
    EligibilityReview,
    PriorAuthorisation,
)
from apps.patients.selectors import course_of, review_of
from apps.trials.cautions import notes_of
from apps.trials.models import StimulationTrial
from apps.trials.policies import PROTOCOL_FIELDS
from apps.trials.rules import read_rulebook
from apps.workspace.before_forms import KINDS, Kind
from apps.workspace.before_review import plain, review_lines
from apps.workspace.before_warnings import Warnings
from apps.workspace.body_map import body_map
from apps.workspace.permissions import Access
from apps.workspace.revise_forms import WhyForm
from apps.workspace.selectors import names_of
from apps.workspace.target import target_notes
from sctrial.checklist import BODY_REGIONS, region_words
from sctrial.criteria import RuleSet, Setting
from sctrial.evidence import Evidence
from sctrial.kleene import Answer
from sctrial.lacking import Lack, asks_before_leads, lacking_before_leads
from sctrial.referral import facts_before_trial
from sctrial.therapies import adequacy_of, failure_of, failures_by_class, relief_span_words
from sctrial.therapy_table import THERAPIES, TherapyClass

ADEQUATE: Final = {"met": "Adequate", "not_met": "Not adequate", "not_evaluable": "Not evaluable"}
FAILED: Final = {"met": "Failed", "not_met": "Failure not shown", "not_evaluable": "Open"}


@dataclass(frozen=True, slots=True)
class Told:
    """An answer, in a word and in a sentence."""

    answer: Answer
    short: str
    words: str


EXHAUSTED: Final = {
    True: Told(Answer.MET, "Shown", "The review states it, and each kind of treatment in the log shows it."),
    False: Told(Answer.NOT_MET, "Not so", "The review or a treatment in the log says otherwise."),
    None: Told(Answer.NOT_EVALUABLE, "Open", "It is not stated by a review, or not shown by the whole log."),
}


@dataclass(frozen=True, slots=True)
class TherapyLine:
    """One treatment: what was given, whether that was adequate, and whether it shows a failure."""

    row: ConservativeTherapy
    given: tuple[str, ...]
    adequacy: str
    adequacy_words: str
    why: tuple[str, ...]
    failure: str
    failure_words: str
    why_failed: str
    note: str

    @property
    def goes_on(self) -> bool:
        return self.row.ended_on is None and not THERAPIES[TherapyClass(self.row.kind)].is_procedure


@dataclass(frozen=True, slots=True)
class Payer:
    """What one rule set lacks of what can be known before the leads go in."""

    rule: RuleSet
    is_own: bool
    lacks: tuple[Lack, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A row that no longer stands, or that struck one out."""

    row: BeforeTrial
    words: str
    by: str
    #: The kind of row, where it can be restored.
    restores: str


class Before:
    """The record of a trial's patient, read once; what the reader may not see is not read."""

    def __init__(self, trial: StimulationTrial, *, access: Access, at: datetime) -> None:
        self.trial, self.access = trial, access
        self.today = at.astimezone(ZoneInfo(trial.clinic.zone)).date()
        #: The day that decides: what was known when the leads went in.
        self.on = trial.lead_placed_on or trial.diary_from
        self.rows = {key: self._read(kind) for key, kind in KINDS.items()}

    def _read(self, kind: Kind) -> list[Any]:
        if not self.may("view", kind):
            return []
        return list(kind.model.objects.filter(patient=self.trial.patient_id))

    def may(self, act: str, kind: Kind) -> bool:
        return self.access.may(act, resource=kind.resource, clinic=self.trial.clinic_id)

    def standing(self, key: str) -> list[Any]:
        replaced = self._replaced(key)
        return [row for row in self.rows[key] if row.pk not in replaced and not row.is_void]

    def _replaced(self, key: str) -> set[int | None]:
        return {row.supersedes_id for row in self.rows[key]}

    @property
    def review(self) -> EligibilityReview | None:
        return next(iter(self.standing("review")), None)

    @property
    def review_that_counts(self) -> EligibilityReview | None:
        """As the evidence has it: a review made after the leads went in speaks of a later trial."""
        placed = self.trial.lead_placed_on
        rows = self.rows["review"]
        newest = next((row for row in rows if placed is None or row.reviewed_on <= placed), None)
        return None if newest is None or newest.is_void else newest

    def context(self) -> dict[str, Any]:
        therapies = self.standing("therapy")
        regions: list[str] = next((row.regions for row in self.standing("regions")), [])
        sees_notes = self.access.may("view", resource="patients.record.note", clinic=self.trial.clinic_id)
        return {
            "trial": self.trial,
            "diagnoses": self.standing("diagnosis"),
            "regions": region_words(regions),
            "region_parts": [BODY_REGIONS[code] for code in BODY_REGIONS if code in regions],
            "target_note": target_notes(self.trial, marked=regions)
            if self.may("view", KINDS["regions"])
            else "",
            "views": body_map(regions),
            "therapies": [therapy_line(row, on=self.on, sees_notes=sees_notes) for row in therapies],
            "classes": class_lines(therapies, on=self.on),
            "exhausted": self._exhausted(therapies),
            "review": self.review,
            "review_counts": self.review == self.review_that_counts,
            "review_lines": review_lines(self.review) if self.review else (),
            "authorisations": self.standing("authorisation"),
            "warnings": Warnings(
                self.trial, self.review_that_counts, self.standing("authorisation"), today=self.today
            ).found(),
            "payers": payers_of(self.trial, on=self.today),
            "fixed": fixed_words(self.trial),
            "totals": totals_of(self.trial),
            "changes": self._changes(),
            "restores": WhyForm(auto_id=False),
            "may_view": {key: self.may("view", kind) for key, kind in KINDS.items()},
            "may_add": {key: self.may("add", kind) for key, kind in KINDS.items()},
            "sees_notes": sees_notes,
        }

    def _exhausted(self, therapies: Sequence[ConservativeTherapy]) -> Told:
        courses = [course_of(row) for row in therapies]
        review = self.review_that_counts
        facts = facts_before_trial(courses, review=review_of(review) if review else None, on=self.on)
        fact = facts.get("other_treatments_exhausted")
        return EXHAUSTED[None if fact is None else bool(fact)]

    def _changes(self) -> list[Change]:
        rows = [row for key in KINDS for row in self.rows[key] if row.supersedes_id]
        names = names_of(row.recorded_by for row in rows)
        voided = {(row._meta.model_name, row.pk) for row in rows if row.is_void}
        newest = sorted(rows, key=lambda row: row.recorded_at, reverse=True)
        return [
            Change(row, _change_words(row, voided), names.get(row.recorded_by, row.recorded_by), what)
            for row, what in ((row, self._restores(row)) for row in newest)
        ]

    def _restores(self, row: BeforeTrial) -> str:
        """The kind under which a row can be restored; empty where it cannot."""
        key = next(key for key, kind in KINDS.items() if isinstance(row, kind.model))
        is_last = row.pk not in self._replaced(key)
        return key if row.is_void and is_last and self.may("add", KINDS[key]) else ""


def _change_words(row: Any, voided: Collection[tuple[str | None, int]]) -> str:
    if row.is_void:
        done = "struck out"
    elif (row._meta.model_name, row.supersedes_id) in voided:
        done = "restored"
    else:
        done = "changed"
    return f"{row._meta.verbose_name}, {row}: {done}".capitalize()


def therapy_line(row: ConservativeTherapy, *, on: date, sees_notes: bool) -> TherapyLine:
    course = course_of(row)
    adequacy, failure = adequacy_of(course, on=on), failure_of(course, on=on)
    return TherapyLine(
        row=row,
        given=tuple(_given(row)),
        adequacy=adequacy.answer.value,
        adequacy_words=ADEQUATE[adequacy.answer.value],
        why=tuple(filter(None, (*adequacy.reasons, relief_span_words(course), THERAPIES[course.kind].note))),
        failure=failure.answer.value,
        failure_words=FAILED[failure.answer.value],
        why_failed=" ".join(failure.reasons),
        note=row.note if sees_notes else "",
    )


def _given(row: ConservativeTherapy) -> list[str]:
    number = {
        "level": "{}",
        "dose_mg": "{} mg a day",
        "weeks_at_dose": "{} weeks at the highest dose",
        "sessions": "{} sessions",
        "positive_blocks": "{} positive sets of blocks",
        "block_relief": "at least {} % relief of the blocks",
        "relief": "{} % relief",
        "relief_weeks": "relief for {} weeks",
    }
    given = ((words, getattr(row, name)) for name, words in number.items())
    return [words.format(plain(value)) for words, value in given if value not in (None, "")]


def class_lines(therapies: Sequence[ConservativeTherapy], *, on: date) -> list[tuple[str, str, str]]:
    """Of each class in the log: its name, the answer, and the answer in words."""
    begun = [row for row in therapies if row.started_on is None or row.started_on <= on]
    found = failures_by_class([course_of(row) for row in begun], on=on)
    return [(THERAPIES[kind].label, answer.value, FAILED[answer.value]) for kind, answer in found.items()]


def payers_of(trial: StimulationTrial, *, on: date) -> list[Payer]:
    """The trial's own rule set first, then every routine one that asks for something before the leads."""
    evidence = read_evidence(trial)
    own, *others = rules_for(trial, on=on, rulebook=read_rulebook([trial.clinic_id]))
    routine = [rule for rule in others if rule.setting is Setting.ROUTINE and asks_before_leads(rule)]
    return [_payer(rule, evidence, is_own=rule is own) for rule in (own, *routine)]


def totals_of(trial: StimulationTrial) -> list[str]:
    """The transcribed totals that count, each with its day and who recorded it when."""
    rows = list(newest_responses(among([trial.pk])))
    # A correction makes a row without an event of its own; what the triggers kept of it names who and when.
    added = ValueChange.objects.filter(
        operation="INSERT",
        table=QuestionnaireResponse._meta.db_table,
        row_id__in=[str(row.pk) for row in rows],
    )
    made = {change.row_id: change for change in added}
    names = names_of(change.actor for change in made.values())
    return [_total_words(row, made.get(str(row.pk)), names) for row in rows]


def _total_words(row: QuestionnaireResponse, made: ValueChange | None, names: Mapping[str, str]) -> str:
    words = total_words(row.instrument, row.answers["total"], version=row.version)
    who = f"recorded by {names.get(made.actor, made.actor)}, {made.at:%-d %b %Y %H:%M} UTC" if made else ""
    return ", ".join(filter(None, (f"{words}, answered {row.answered_on:%-d %b %Y}", who))) + "."


def _payer(rule: RuleSet, evidence: Evidence, *, is_own: bool) -> Payer:
    return Payer(rule, is_own, lacking_before_leads(evidence, rule_set=rule))


def fixed_words(trial: StimulationTrial) -> str:
    """Whether the protocol can still be chosen, or has been fixed since the leads went in."""
    fields = f"{len(PROTOCOL_FIELDS)} fields of the protocol"
    if trial.lead_placed_on is None:
        return f"The {fields} can be chosen until the leads go in; then they are fixed."
    return f"Fixed since the leads went in on {trial.lead_placed_on}, with all {fields}."


def card_of(
    trial: StimulationTrial, *, found: Mapping[str, Any], access: Access, at: datetime
) -> Mapping[str, Any]:
    """The line on the trial page; ``found`` answers ``counts_asked``."""
    today = at.astimezone(ZoneInfo(trial.clinic.zone)).date()
    seen = {
        key: access.may("view", resource=kind.resource, clinic=trial.clinic_id) for key, kind in KINDS.items()
    }
    if not any(seen.values()):
        return {}
    counts = {name: found[name] for name in counts_asked()}
    notes = notes_of(trial, found=_seen(counts, seen), today=today)
    expired = _is_past(counts["expires_on"], today)
    return {"before": counts | {"may_view": seen, "has_expired": expired, "notes": notes}}


def _seen(counts: Mapping[str, Any], seen: Mapping[str, bool]) -> dict[str, Any]:
    """What the reader may not see is not told in a note either."""
    return {
        "mrsa_on": counts["mrsa_on"] if seen["review"] else None,
        "expires_on": counts["expires_on"] if seen["authorisation"] else None,
    }


def counts_asked() -> dict[str, Subquery]:
    """Of the patient of a trial."""
    return {
        "diagnoses": _of_standing(Diagnosis, Count("pk")),
        "therapies": _of_standing(ConservativeTherapy, Count("pk")),
        "reviewed_on": _of_standing(EligibilityReview, Max("reviewed_on")),
        "expires_on": _of_standing(PriorAuthorisation, Max("expires_on")),
        "mrsa_on": _of_standing(EligibilityReview, Max("mrsa_on")),
    }


def _of_standing(model: type[BeforeTrial], asked: Aggregate) -> Subquery:
    """Over the rows that stand; each in a query of its own, for joined they would multiply."""
    every: QuerySet[Any] = model._default_manager.filter(patient=OuterRef("patient"))
    rows = every.filter(superseded_by__isnull=True, is_void=False)
    return Subquery(rows.order_by().values("patient").annotate(asked=asked).values("asked"))


def _is_past(day: date | None, today: date) -> bool:
    return day is not None and day < today
