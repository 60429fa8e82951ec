"""How a proposed import ends: committed or refused by a second person, or withdrawn by who proposed it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import OperationalError, transaction
from psycopg.errors import LockNotAvailable

from apps.accounts.models import Clinic, Role, User
from apps.audit.reasons import LEAST_READABLE, LONGEST
from apps.diary.importing.reading import FileRefused
from apps.diary.imports import ImportRefused
from apps.diary.models import DiaryImport, ImportProposal
from apps.diary.proposing import digest_of, given_of, mapping_of, run_import, tell, told
from apps.trials.policies import holds_role
from sctrial.strict import DocumentError

DECIDERS: Final = frozenset({Role.COORDINATOR, Role.SITE_ADMIN})
CLOSED: Final = "it was closed before, and nothing was changed"
COMMIT, REFUSE, WITHDRAW = "commit_import", "refuse_import", "withdraw_import"


class CannotClose(ValueError):
    """Nothing was changed; the message is fit for the user."""


@dataclass(frozen=True, slots=True)
class Hand:
    """Who closes a proposal, and when."""

    by: User
    at: datetime
    request_id: str = ""


def why_not_decided(row: ImportProposal, *, by: User) -> str:
    """Empty where this person may commit or refuse it."""
    if row.outcome:
        return CLOSED
    if row.proposed_by_id == by.pk:
        return "you proposed it: another coordinator or site admin of the clinic commits it or refuses it"
    if not _decides(by, row.clinic):
        return f"a coordinator or site admin of {row.clinic} commits it or refuses it"
    return ""


def why_not_withdrawn(row: ImportProposal, *, by: User) -> str:
    if row.outcome:
        return CLOSED
    return "" if row.proposed_by_id == by.pk else "only who proposed it withdraws it: you may refuse it"


@transaction.atomic
def commit_proposal(row: ImportProposal, *, shown: str, hand: Hand) -> DiaryImport:
    """The import itself, at this moment, if it does what ``shown`` is the digest of. Raises CannotClose."""
    stored = _held(row)
    _check(why_not_decided(stored, by=hand.by))
    report = _import(stored, hand=hand, shown=shown)
    made = DiaryImport.objects.get(trial=report["trial"], file_sha256=stored.file_sha256)
    _close(stored, "committed", COMMIT, hand=hand, made=made)
    return made


@transaction.atomic
def refuse_proposal(row: ImportProposal, *, words: str, hand: Hand) -> None:
    """Raises CannotClose."""
    stored = _held(row)
    _check(why_not_decided(stored, by=hand.by))
    _close(stored, "refused", REFUSE, hand=hand, words=_checked(words))


@transaction.atomic
def withdraw_proposal(row: ImportProposal, *, words: str, hand: Hand) -> None:
    """Raises CannotClose."""
    stored = _held(row)
    _check(why_not_withdrawn(stored, by=hand.by))
    _close(stored, "withdrawn", WITHDRAW, hand=hand, words=_checked(words))


def _held(row: ImportProposal) -> ImportProposal:
    """Nobody waits for who is deciding: that person's answer is the one that counts."""
    rows = ImportProposal.objects.select_for_update(of=("self",), nowait=True)
    try:
        return rows.select_related("clinic", "closed_by").get(pk=row.pk)
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise CannotClose("somebody else is deciding on it at this moment: look again") from None
        raise


def _import(row: ImportProposal, *, hand: Hand, shown: str) -> dict[str, Any]:
    given = given_of(row)
    try:
        mapping = mapping_of(given)
        report = run_import(given, mapping, clinic=row.clinic, by=hand.by, at=hand.at, dry_run=False)
    except (FileRefused, ImportRefused, DocumentError) as refused:
        raise CannotClose(str(refused).partition("\n")[0]) from None
    if digest_of(told(report, mapping)) != shown:
        raise CannotClose("what it does is not what you were shown: read the report again, then commit")
    return report.as_json()


def _close(
    row: ImportProposal,
    outcome: str,
    action: str,
    *,
    hand: Hand,
    words: str = "",
    made: DiaryImport | None = None,
) -> None:
    ImportProposal.objects.filter(pk=row.pk).update(
        outcome=outcome, words=words, closed_by=hand.by, closed_at=hand.at, diary_import=made
    )
    detail = {} if made is None else {"trial": str(made.trial_id), "import": made.pk} | _counts(made)
    tell(row, action, by=hand.by, at=hand.at, reason=words, request_id=hand.request_id, detail=detail)


def _counts(made: DiaryImport) -> dict[str, int]:
    """As they were at the commit, which may be others than at the proposal."""
    return {name: made.report["rows"][name] for name in ("taken", "skipped")}


def _checked(words: str) -> str:
    if len("".join(words.split())) < LEAST_READABLE:
        raise CannotClose(f"say why, in at least {LEAST_READABLE} characters")
    if len(words.strip()) > LONGEST:
        raise CannotClose(f"say it in at most {LONGEST} characters")
    return words.strip()


def _check(why_not: str) -> None:
    if why_not:
        raise CannotClose(why_not)


def _decides(user: User, clinic: Clinic) -> bool:
    return holds_role(user, clinic=clinic, roles=DECIDERS)
