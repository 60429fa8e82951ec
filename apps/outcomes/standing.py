"""What stands on the screen before a signature, which decision stands, and what has changed since."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import BooleanField, Case, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When

from apps.outcomes import selectors
from apps.outcomes.models import Assessment, Decision, Signature
from apps.trials.models import StimulationTrial
from sctrial import ENGINE_VERSION
from sctrial.choices import Meaning
from sctrial.decision import parse_document
from sctrial.seal import digest
from sctrial.signing import is_bound


@dataclass(frozen=True, slots=True)
class Screen:
    """The assessment to sign on, and the digest of everything that the page says of it."""

    own: Assessment
    content: Mapping[str, Any]

    @property
    def digest(self) -> str:
        return digest(self.content)


def screen_of(trial: StimulationTrial, *, rows: Sequence[Assessment] | None = None) -> Screen | None:
    """None before the first verdict under the trial's own rule set; ``rows`` if they were read already."""
    rows = selectors.current_assessments(trial) if rows is None else rows
    newest = {row.rule_set_id: row for row in sorted(rows, key=lambda row: row.pk)}
    own = newest.pop(trial.rule_set_id, None)
    if own is None:
        return None
    others = [[row.rule_set_id, row.rule_set_digest, row.answer] for row in newest.values()]
    content = {
        "subject": trial.patient.pseudonym,
        "trial": str(trial.pk),
        "evidence": own.evidence_digest,
        "rule_set": own.rule_set_digest,
        "engine": own.engine_version,
        "verdict": digest(own.verdict),
        "answer": own.answer,
        "certainty": own.certainty,
        "others": sorted(others),
    }
    return Screen(own, content)


def is_current(trial: StimulationTrial, *, at: datetime) -> bool:
    current = selectors.is_current(on=at.astimezone(UTC).date())
    return StimulationTrial.objects.filter(current, pk=trial.pk).exists()


def standing_decision(trial: StimulationTrial) -> Decision | None:
    """The newest decision, unless it was opened again."""
    rows = trial.decisions.filter(superseded_by__isnull=True).exclude(_reopened(OuterRef("pk")))
    return rows.select_related("assessment").first()


def standing_among(signatures: Sequence[Signature]) -> Decision | None:
    """``standing_decision`` of a trial whose signatures were read, for none is decided without one."""
    replaced = {row.decision.supersedes_id for row in signatures}
    reopened = {row.decision_id for row in signatures if row.meaning == Meaning.REOPENED}
    standing = (row.decision for row in signatures if row.decision_id not in replaced | reopened)
    return next(standing, None)


def last_decision(trial: StimulationTrial) -> Decision | None:
    """The newest decision, opened again or not."""
    return trial.decisions.filter(superseded_by__isnull=True).select_related("assessment").first()


def signed_events(trial: StimulationTrial) -> QuerySet[Signature]:
    """Everything that was ever signed on the trial, oldest first."""
    return Signature.objects.filter(decision__trial=trial).select_related("decision__assessment")


def is_valid(signature: Signature) -> bool:
    """Whether the row says what its sealed document says, and the document is the one that was signed."""
    document = parse_document(signature.document.encode())
    decision, block = document["decision"], document["signature"]
    assert isinstance(decision, dict)
    assert isinstance(block, dict)
    row = {
        "meaning": signature.meaning,
        "signer": f"staff:{signature.signer_id}",
        "name": signature.name,
        "digest": signature.digest,
        "shown": signature.shown_digest,
        "signed_at": instant_text(signature.signed_at),
    }
    fits = all(block.get(key) == value for key, value in row.items())
    return fits and is_bound(document) and decision.get("id") == str(signature.decision_id)


def instant_text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def changed_since(decision: Decision, *, trial: StimulationTrial, at: datetime) -> str:
    """What later data do to a signed decision, in words; empty when nothing has changed."""
    return change_in_words(decision, screen=screen_of(trial), is_fresh=is_current(trial, at=at))


def change_in_words(decision: Decision, *, screen: Screen | None, is_fresh: bool) -> str:
    """``changed_since`` of what was read already."""
    if not is_fresh:
        return "The record or the rules have changed since the signature; a new verdict is being made."
    signed = decision.assessment
    if screen is None or screen.own.answer != signed.answer:
        return "Would now differ: on what is known today the rule gives another answer."
    now = (screen.own.evidence_digest, screen.own.rule_set_digest, screen.own.engine_version)
    if now != (signed.evidence_digest, signed.rule_set_digest, signed.engine_version):
        return "Changed since the signature: evidence or rule is another one; the answer is the same."
    return ""


def would_now_differ(trials: QuerySet[StimulationTrial]) -> QuerySet[StimulationTrial]:
    """Trials whose standing decision rests on an answer that their newest verdict does not give."""
    return trials.filter(pk__in=differing_decisions().order_by().values("trial"))


def differing_decisions() -> QuerySet[Decision]:
    newest = Assessment.objects.filter(
        trial=OuterRef("trial"),
        evidence_id=OuterRef("trial__currency__evidence_id"),
        rule_set_id=OuterRef("trial__rule_set_id"),
        engine_version=ENGINE_VERSION,
    ).order_by("-id")
    rests_on_last = Q(
        assessment__evidence=F("trial__currency__evidence"),
        assessment__rule_set_id=F("trial__rule_set_id"),
        assessment__engine_version=ENGINE_VERSION,
        assessment__assessed_at__gte=F("trial__currency__assessed_at"),
    )
    # In this order: most rest on the last verdict that was made, which asks for no look at any other row.
    differs = Case(
        When(rests_on_last, then=Value(False)),
        When(assessment_id=Subquery(newest.values("pk")[:1]), then=Value(False)),
        When(assessment__answer=Subquery(newest.values("answer")[:1]), then=Value(False)),
        default=Value(True),
        output_field=BooleanField(),
    )
    return standing_decisions().filter(differs)


def changed_since_signing(trials: QuerySet[StimulationTrial]) -> QuerySet[StimulationTrial]:
    """Trials whose evidence is not the one that their standing decision rests on, whatever it gives."""
    moved = standing_decisions().filter(
        ~Q(assessment__evidence_id=OuterRef("currency__evidence_id")), trial=OuterRef("pk")
    )
    return trials.filter(Exists(moved))


def standing_decisions() -> QuerySet[Decision]:
    """Neither superseded nor opened again, of every trial."""
    # An outer join to what replaced it is taken to leave one row, and is followed by a lookup a row.
    replaced = Decision.objects.filter(supersedes=OuterRef("pk"))
    return Decision.objects.exclude(Exists(replaced)).exclude(_reopened(OuterRef("pk")))


def _reopened(decision: Any) -> Exists:
    return Exists(Signature.objects.filter(decision=decision, meaning=Meaning.REOPENED.value))
