"""Corrections after which the trial's own rule set answers otherwise: for the review of a clinic's trail.

Verdicts are looked up, never made. Evidence is kept once, however often the record returns to it, so which
evidence stood at a moment is told by what is known of it, and is unknown where nothing tells.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import F

from apps.audit.history import Act
from apps.audit.reviewing import Period
from apps.diary.models import CorrectionRequest, DiaryAnswer, ParkedAnswer
from apps.outcomes.models import ANSWERS, Assessment, Evidence
from apps.outcomes.selectors import ASKED
from apps.trials.models import Correction, StimulationTrial, label

#: Of a trial's own fields those that move its days from one window to another.
MOVES_DAYS: Final = frozenset({"lead_placed_on", "ended_on"})
END_OF_TIME: Final = datetime.max.replace(tzinfo=UTC)
#: Which evidence stood before and after an act; None where that is not known.
Pair = tuple[int | None, int | None]
#: By evidence: what each version of the rule set, in each engine, answered.
Answers = Mapping[int, Mapping[tuple[str, str], str]]


@dataclass(frozen=True, slots=True)
class Revision(Act):
    """One act on the record. ``row``, ``old`` and ``new`` tell whether one takes another back."""

    what: str
    trial: UUID
    row: str = ""
    old: str = ""
    new: str = ""

    def takes_back(self, other: "Revision") -> bool:
        return bool(self.row) and (self.row, self.old, self.new) == (other.row, other.new, other.old)


@dataclass(frozen=True, slots=True)
class Flip(Act):
    """A verdict before and after an act, as stored; empty where it is not known."""

    what: str
    trial: UUID
    pseudonym: str
    before: str
    after: str

    @property
    def is_known(self) -> bool:
        return bool(self.before and self.after)


def flips(period: Period) -> list[Flip]:
    """What changed the verdict, and what may have and cannot be told; newest first, by eight statements."""
    trials = _touched(period)
    acts = _acts(list(trials))
    frozen, answers = _frozen(list(trials)), _answers(list(trials))
    found = (
        flip
        for trial, row in trials.items()
        for flip in _of_trial(row, acts[trial], frozen=frozen[trial], answers=answers)
        if period.since <= flip.at < period.until and (not flip.is_known or flip.before != flip.after)
    )
    return sorted(found, key=lambda flip: flip.at, reverse=True)


def _of_trial(
    trial: StimulationTrial,
    acts: Sequence[Revision],
    *,
    frozen: Sequence[tuple[datetime, int]],
    answers: Answers,
) -> Iterator[Flip]:
    currency = getattr(trial, "currency", None)
    is_current = currency is not None and currency.evidence_version == trial.evidence_version
    pairs = evidence_around(acts, frozen, stands=currency.evidence_id if currency and is_current else None)
    for act, (before, after) in zip(acts, pairs, strict=True):
        said = _under_one_rule(answers.get(before or 0, {}), answers.get(after or 0, {}))
        yield Flip(act.at, act.who, act.what, trial.pk, str(trial.patient), *said)


def evidence_around(
    acts: Sequence[Revision], frozen: Sequence[tuple[datetime, int]], *, stands: int | None
) -> list[Pair]:
    """Of each act, in the order of time, the last evidence before it and the first after it.

    ``frozen`` says when evidence was first seen; ``stands`` is that of now, where it covers the whole record.
    An act without new evidence after it leaves the last one, or brings an earlier one back: then ``stands``
    tells if it is the newest, and what it takes back if it comes right behind that.
    """
    pairs: list[Pair] = []
    begun: datetime | None = None
    for n, act in enumerate(acts):
        until = acts[n + 1].at if n + 1 < len(acts) else END_OF_TIME
        between = [pk for at, pk in frozen if (begun is None or at >= begun) and at < act.at]
        since = [pk for at, pk in frozen if act.at <= at < until]
        before = between[-1] if between else pairs[-1][1] if pairs else None
        after = since[0] if since else stands if until is END_OF_TIME else None
        if after is None and pairs and len(between) <= 1 and act.takes_back(acts[n - 1]):
            after = pairs[-1][0]
        pairs.append((before, after))
        begun = act.at
    return pairs


def _under_one_rule(
    before: Mapping[tuple[str, str], str], after: Mapping[tuple[str, str], str]
) -> tuple[str, str]:
    """The first answers that one version of rule and engine gave to both; empty where none judged both."""
    shared = next((key for key in before if key in after), None)
    return (ANSWERS[before[shared]], ANSWERS[after[shared]]) if shared else ("", "")


# --- what is read ---


def _touched(period: Period) -> dict[UUID, StimulationTrial]:
    ids: set[UUID] = set()
    for rows, when in _sources():
        own = {"trial__clinic_id": period.clinic, f"{when}__gte": period.since, f"{when}__lt": period.until}
        ids |= set(rows.filter(**own).values_list("trial_id", flat=True))
    trials = StimulationTrial.objects.filter(pk__in=ids, clinic_id=period.clinic)
    return {trial.pk: trial for trial in trials.select_related("patient", "currency")}


def _sources() -> tuple[tuple[Any, str], ...]:
    """Acts of staff on what stood already, each with the column of its instant."""
    return (
        (Correction.objects.filter(model__in=("trials.stimulationtrial", *_DIARY)), "corrected_at"),
        (CorrectionRequest.objects.filter(state="accepted"), "closed_at"),
        (ParkedAnswer.objects.filter(outcome="taken"), "closed_at"),
    )


_DIARY: Final = tuple(
    f"diary.{name}" for name in ("diaryentry", "diaryanswer", "opioiduse", "questionnaireresponse")
)


def _acts(trials: Sequence[UUID]) -> dict[UUID, list[Revision]]:
    """All of a trial's, for the one before and the one behind tell of one in the period."""
    corrections, requests, parked = (list(rows.filter(trial__in=trials)) for rows, _ in _sources())
    found = [
        *(_correction(row) for row in _of_evidence(corrections)),
        *(_settled(row, "Correction that the patient asked for") for row in requests),
        *(_settled(row, "Answer taken over that could not be taken") for row in parked),
    ]
    acts: dict[UUID, list[Revision]] = defaultdict(list)
    for act in sorted(found, key=lambda act: act.at):
        acts[act.trial].append(act)
    return acts


def _of_evidence(rows: Iterable[Correction]) -> Iterator[Correction]:
    """Without those that no verdict looks at: a plan, a note, how a night was."""
    rows = list(rows)
    answers = [row.row for row in rows if row.model == "diary.diaryanswer"]
    asked = DiaryAnswer.objects.filter(pk__in=answers, question__in=ASKED).values_list("pk", flat=True)
    counts = {str(pk) for pk in asked}
    for row in rows:
        is_trial = row.model == "trials.stimulationtrial"
        if row.row in counts or (MOVES_DAYS & set(row.old) if is_trial else row.row not in answers):
            yield row


def _correction(row: Correction) -> Revision:
    return Revision(
        at=row.corrected_at,
        who=row.corrected_by,
        what=", ".join(label(name) if name in MOVES_DAYS else name for name in sorted(row.old)),
        trial=row.trial_id,
        row=f"{row.model} {row.row}",
        old=str(row.old),
        new=str(row.new),
    )


def _settled(row: CorrectionRequest | ParkedAnswer, what: str) -> Revision:
    return Revision(row.closed_at or row.received_at, row.closed_by, what, row.trial_id)


def _frozen(trials: Sequence[UUID]) -> dict[UUID, list[tuple[datetime, int]]]:
    found: dict[UUID, list[tuple[datetime, int]]] = defaultdict(list)
    rows = Evidence.objects.filter(trial__in=trials).order_by("frozen_at", "id")
    for trial, at, pk in rows.values_list("trial_id", "frozen_at", "pk"):
        found[trial].append((at, pk))
    return found


def _answers(trials: Sequence[UUID]) -> Answers:
    found: dict[int, dict[tuple[str, str], str]] = defaultdict(dict)
    own = Assessment.objects.filter(trial__in=trials, rule_set_id=F("trial__rule_set_id")).order_by("id")
    columns = ("evidence_id", "rule_set_digest", "engine_version", "answer")
    for evidence, rule, engine, answer in own.values_list(*columns):
        found[evidence][rule, engine] = answer
    return found
