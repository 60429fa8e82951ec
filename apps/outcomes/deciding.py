"""Sign a decision, countersign it, open it again. Nothing signed is ever changed or taken back."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, OuterRef

from apps.accounts.models import Role, StaffMembership, User
from apps.audit.services import record
from apps.diary.models import CorrectionRequest, ParkedAnswer
from apps.diary.policies import schedule_of
from apps.outcomes.models import Assessment, Decision, Signature
from apps.outcomes.models.decisions import CHOICES
from apps.outcomes.standing import (
    Screen,
    instant_text,
    is_current,
    last_decision,
    screen_of,
    standing_decision,
)
from apps.trials.models import ClinicRuleSet, StimulationTrial
from apps.trials.services import move_trial
from sctrial.choices import AGAINST_REASONS, WITH_LEADS_IN, Choice, Meaning, goes_against
from sctrial.criteria import shipped_rule_sets
from sctrial.decision import Document, compose, document_bytes, parse_document, shipped_content
from sctrial.evidence import evidence_from_canonical
from sctrial.phases import CannotMove, Phase
from sctrial.schedule import GRACE
from sctrial.signing import compose_signed

LEAST_WORDS: Final = 3
#: Asked of a trial: what only staff can settle before a signature.
WAITING: Final[Mapping[str, Exists]] = {
    "has_correction": Exists(CorrectionRequest.objects.filter(trial=OuterRef("pk"), state="open")),
    "has_parked": Exists(ParkedAnswer.objects.filter(trial=OuterRef("pk"), closed_at__isnull=True)),
}
FORBIDDEN, CONFLICT, UNPROCESSABLE = 403, 409, 422


class CannotSign(ValueError):
    """Nothing was signed. The message is fit for the user and says what helps; ``status`` is HTTP's."""

    def __init__(self, code: str, message: str, *, status: int = CONFLICT) -> None:
        super().__init__(message)
        self.code, self.status = code, status


@dataclass(frozen=True, slots=True)
class Hand:
    """Who signs, with which factors, at which instant, having seen what."""

    user: User
    factors: tuple[str, ...]
    at: datetime
    #: The digest that stood on the page.
    shown: str
    request_id: str = ""

    @property
    def actor(self) -> str:
        return f"staff:{self.user.pk}"


@transaction.atomic
def sign_decision(
    trial: StimulationTrial, *, choice: Choice, hand: Hand, reason_code: str = "", reason: str = ""
) -> Signature:
    """Decide on the verdict that was shown. Raises CannotSign, and nothing was written."""
    trial = locked(trial)
    check_is_clinician(hand.user, trial=trial)
    if trial.phase != Phase.DECISION_PENDING:
        raise CannotSign("not_waiting", _not_waiting(trial))
    check_leads(choice, trial=trial)
    screen = check_is_settled(trial, shown=hand.shown, at=hand.at)
    check_reason(choice, answer=screen.own.answer, code=reason_code, text=reason)
    decision = Decision.objects.create(
        trial=trial,
        assessment=screen.own,
        choice=choice.value,
        reason_code=reason_code,
        reason=reason.strip(),
        supersedes=last_decision(trial),
        decided_at=hand.at,
    )
    document = _judged(screen.own, trial=trial)
    signature = _write(decision, Meaning.DECIDED, document, _decided(decision, screen), hand=hand)
    _move(trial, to=Phase.DECIDED, start=Phase.DECISION_PENDING, hand=hand)
    return signature


@transaction.atomic
def countersign(trial: StimulationTrial, *, hand: Hand) -> Signature:
    """A second clinician stands by the standing decision, on the same evidence."""
    trial = locked(trial)
    check_is_clinician(hand.user, trial=trial)
    decision = _standing(trial)
    if decision.signatures.filter(signer=hand.user).exists():
        raise CannotSign("own_decision", "Whoever decided cannot countersign.", status=FORBIDDEN)
    if decision.signatures.filter(meaning=Meaning.COUNTERSIGNED).exists():
        raise CannotSign("already_signed", "The decision is countersigned already. Look again.")
    check_is_settled(trial, shown=hand.shown, at=hand.at)
    document = _signed_document(decision)
    return _write(decision, Meaning.COUNTERSIGNED, document, document["decision"], hand=hand)


@transaction.atomic
def reopen(trial: StimulationTrial, *, reason: str, hand: Hand) -> Signature:
    """A further signed event: what was signed stays, and the trial waits for a decision again."""
    trial = locked(trial)
    check_is_clinician(hand.user, trial=trial)
    decision = _standing(trial)
    if hand.shown != decision.signatures.earliest("id").digest:
        raise CannotSign("shown_differs", "Another decision stands by now. Look again.")
    _check_words(reason)
    document = _signed_document(decision)
    signature = _write(
        decision, Meaning.REOPENED, document, document["decision"], hand=hand, reason=reason.strip()
    )
    _move(trial, to=Phase.DECISION_PENDING, start=Phase.DECIDED, hand=hand, reason=reason.strip())
    return signature


def locked(trial: StimulationTrial) -> StimulationTrial:
    """Whatever else would write to the trial, or add a row to it, waits until the signature is kept."""
    rows = StimulationTrial.objects.select_for_update(of=("self",)).select_related("clinic", "patient")
    return rows.get(pk=trial.pk)


def is_clinician(user: User, *, clinic_id: int) -> bool:
    """By the row in the database, not by what a session remembers."""
    rows = StaffMembership.objects.filter(user=user, clinic_id=clinic_id, role=Role.CLINICIAN)
    return rows.filter(user__is_active=True, user__is_staff=True).exists()


def check_is_clinician(user: User, *, trial: StimulationTrial) -> None:
    if not is_clinician(user, clinic_id=trial.clinic_id):
        raise CannotSign("not_clinician", "Only a clinician of this clinic signs.", status=FORBIDDEN)


def check_is_settled(trial: StimulationTrial, *, shown: str, at: datetime) -> Screen:
    """The screen that may be signed. Raises CannotSign with the first thing in the way."""
    for code, is_so, remedy in what_waits(trial, at=at):
        if is_so:
            raise CannotSign(code, remedy)
    screen = screen_of(trial)
    if screen is None or screen.digest != shown:
        raise CannotSign("shown_differs", "What you saw is not what is stored now. Look again, then sign.")
    return screen


def what_waits(trial: StimulationTrial, *, at: datetime) -> list[tuple[str, bool, str]]:
    """All that keeps a signature back: its name, whether it does, and what helps."""
    found = StimulationTrial.objects.filter(pk=trial.pk).values(**WAITING).get()
    return waits_among(found, trial=trial, is_fresh=is_current(trial, at=at), at=at)


def waits_among(
    found: Mapping[str, Any], *, trial: StimulationTrial, is_fresh: bool, at: datetime
) -> list[tuple[str, bool, str]]:
    """``what_waits`` of what was read already; ``found`` answers ``WAITING``."""
    return [
        (
            "window_open",
            is_window_open(trial, at=at),
            "The patient can still answer for the last evening. Sign when the window has closed.",
        ),
        (
            "correction_pending",
            found["has_correction"],
            "The patient asks for a correction. Settle it first.",
        ),
        ("answer_parked", found["has_parked"], "An answer waits for a decision. Settle it first."),
        (
            "stale",
            not is_fresh,
            "The record changed after the verdict. A new verdict follows within seconds; look again.",
        ),
    ]


def is_window_open(trial: StimulationTrial, *, at: datetime) -> bool:
    """Whether the last day of the diary still takes answers, its grace included."""
    if trial.ended_on is None:
        return True
    zone = ZoneInfo(trial.patient.zone)
    closes = [closes.replace(tzinfo=zone) for _, _, closes in schedule_of(trial).times_on(trial.ended_on)]
    return any(instant + GRACE > at for instant in closes)


def choices_for(trial: StimulationTrial) -> dict[str, str]:
    """What can still be carried out."""
    closed = frozenset() if trial.ended_on is None else WITH_LEADS_IN
    return {code: words for code, words in CHOICES.items() if code not in closed}


def check_leads(choice: Choice, *, trial: StimulationTrial) -> None:
    if choice.value not in choices_for(trial):
        message = "The leads are out, so the trial cannot be extended: decide for a repeat, or defer."
        raise CannotSign("leads_out", message, status=UNPROCESSABLE)


def check_reason(choice: Choice, *, answer: str, code: str, text: str) -> None:
    if code and code not in AGAINST_REASONS:
        raise CannotSign("reason_needed", "Choose one of the reasons.", status=UNPROCESSABLE)
    if not goes_against(choice, answer=answer):
        return
    if not code:
        message = "This goes against the verdict: choose why."
        raise CannotSign("reason_needed", message, status=UNPROCESSABLE)
    _check_words(text)


def _check_words(text: str) -> None:
    words = [word for word in text.split() if any(letter.isalnum() for letter in word)]
    if len(words) < LEAST_WORDS:
        message = f"Give the reason in at least {LEAST_WORDS} words."
        raise CannotSign("reason_needed", message, status=UNPROCESSABLE)


def _standing(trial: StimulationTrial) -> Decision:
    decision = standing_decision(trial)
    if decision is None or trial.phase != Phase.DECIDED:
        raise CannotSign("not_decided", "No decision stands on this trial. Look again.")
    return decision


def _not_waiting(trial: StimulationTrial) -> str:
    if trial.phase == Phase.DECIDED:
        return "The decision is signed already. Look again; it can be opened again with a reason."
    return f"The trial is '{trial.get_phase_display()}'. Hand it over for the decision first."


def _judged(own: Assessment, *, trial: StimulationTrial) -> Document:
    evidence = evidence_from_canonical(json.loads(own.evidence.content))
    document = compose(evidence, rule_content=rule_content(own, trial=trial), subject=trial.patient.pseudonym)
    if document["verdict"] != own.verdict:
        raise CannotSign("not_reproduced", "The stored verdict cannot be reproduced. Tell the operator.")
    return document


def rule_content(own: Assessment, *, trial: StimulationTrial) -> dict[str, object]:
    """The rule that was judged with, in full: shipped, or the clinic's own."""
    shipped = next((rule for rule in shipped_rule_sets() if rule.digest == own.rule_set_digest), None)
    if shipped is not None:
        return shipped_content(shipped)
    row = ClinicRuleSet.objects.get(clinic=trial.clinic_id, digest=own.rule_set_digest)
    return tomllib.loads(row.content)


def _decided(decision: Decision, screen: Screen) -> dict[str, object]:
    return {
        "id": str(decision.pk),
        "trial": str(decision.trial_id),
        "choice": decision.choice,
        "reason_code": decision.reason_code,
        "reason": decision.reason,
        "supersedes": str(decision.supersedes_id or ""),
        "shown": dict(screen.content),
    }


def _signed_document(decision: Decision) -> Document:
    return parse_document(decision.signatures.earliest("id").document.encode())


def _write(
    decision: Decision,
    meaning: Meaning,
    document: Document,
    decided: Any,
    *,
    hand: Hand,
    reason: str = "",
) -> Signature:
    trial = decision.trial
    name = hand.user.get_full_name() or hand.user.get_username()
    block: Mapping[str, object] = {
        "meaning": meaning.value,
        "signer": hand.actor,
        "name": name,
        "role": Role.CLINICIAN.value,
        "signed_at": instant_text(hand.at),
        "zone": trial.clinic.zone,
        "factors": list(hand.factors),
        "reason": reason,
    }
    signed = compose_signed(document, decision=decided, signature=block)
    bound: Any = signed["signature"]
    signature = Signature.objects.create(
        decision=decision,
        meaning=meaning.value,
        signer=hand.user,
        name=name,
        role=Role.CLINICIAN.value,
        signed_at=hand.at,
        zone=trial.clinic.zone,
        factors=list(hand.factors),
        reason=reason,
        shown_digest=bound["shown"],
        digest=bound["digest"],
        document=document_bytes(signed).decode(),
    )
    record(
        action="sign",
        object_type="trial",
        object_id=trial.pk,
        by=hand.actor,
        at=hand.at,
        clinic_id=trial.clinic_id,
        request_id=hand.request_id,
        detail={"meaning": meaning.value, "choice": decision.choice, "digest": bound["digest"]},
    )
    return signature


def _move(trial: StimulationTrial, *, to: Phase, start: Phase, hand: Hand, reason: str = "") -> None:
    try:
        move_trial(
            trial,
            to=to,
            by=hand.actor,
            at=hand.at,
            reason=reason,
            expected=start,
            request_id=hand.request_id,
        )
    except CannotMove as error:
        raise CannotSign("cannot_move", f"{error}.".capitalize()) from error
