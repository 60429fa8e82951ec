"""Who an actor of the trail is, in words: a person with the role of that moment, a phone, a job."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final, TypeVar

from django.utils.translation import gettext

from apps.accounts.models import MEMBERSHIPS, StaffMembership
from apps.audit.history import Act
from apps.audit.models import ValueChange
from apps.diary.models import PatientDevice
from apps.workspace.selectors import names_of

Told = TypeVar("Told", bound=Act)
PHONES: Final[Mapping[str, str]] = {"patient": "the patient's phone", "proxy": "a caregiver's phone"}
SERVICE: Final = "the service itself"
JOBS: Final[Mapping[str, str]] = {
    "assess_trials": "the job that makes verdicts",
    "reconcile": "the job that makes verdicts",
    "load_demo": "the command that loads the demo",
    "import_diary": "the import of a diary",
    "import_cohort": "the import of a cohort",
}
#: Without what the role is for.
ROLE_NAMES: Final = {code: words.partition(":")[0] for code, words in MEMBERSHIPS.items()}
#: When a role began, and which; empty from when it was taken away.
Roles = Mapping[str, list[tuple[datetime, str]]]


def told(lines: Iterable[Told], *, clinic: int | None) -> list[Told]:
    """The lines with words for who they name."""
    lines = list(lines)
    actors = {line.who for line in lines}
    names, phones = names_of(actors), _phones(actors)
    roles = _roles(clinic) if clinic is not None and names else {}

    def words(line: Told) -> str:
        if line.who in names:
            role = role_at(roles.get(line.who, []), line.at)
            return f"{names[line.who]}, {gettext(ROLE_NAMES[role])}" if role else names[line.who]
        return phones.get(line.who) or _machine_words(line.who)

    return [replace(line, who=words(line)) for line in lines]


def role_at(spans: list[tuple[datetime, str]], at: datetime) -> str:
    """The last that had begun by then; what began before the trail is the first that is known."""
    begun = bisect_right(spans, at, key=lambda span: span[0])
    return spans[max(begun, 1) - 1][1] if spans else ""


def _machine_words(actor: str) -> str:
    kind, _, name = actor.partition(":")
    if kind == "job":
        known = JOBS.get(name.rpartition(".")[2])
        return gettext(known) if known else gettext("the job “%(name)s”") % {"name": name.replace("_", " ")}
    return gettext(SERVICE) if actor in ("service", "system") else actor


def _phones(actors: Collection[str]) -> dict[str, str]:
    ids = [int(one[7:]) for one in actors if one.startswith("device:") and one[7:].isdigit()]
    rows = PatientDevice.objects.filter(pk__in=ids).values_list("pk", "holder") if ids else ()
    return {f"device:{pk}": gettext(PHONES[holder]) for pk, holder in rows}


def _roles(clinic: int) -> Roles:
    """Of everybody who has, or had, a role here: as the trail knows it, else as it is now."""
    table = StaffMembership._meta.db_table
    changes = ValueChange.objects.filter(clinic_id=clinic, table=table).order_by("id")
    now = dict(StaffMembership.objects.filter(clinic=clinic).values_list("pk", "user_id"))
    people = {str(pk): user for pk, user in now.items()}
    found: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
    for change in changes:
        old, new = change.old or {}, change.new or {}
        user = people.setdefault(change.row_id, new.get("user_id") or old.get("user_id") or 0)
        if "role" in old or "role" in new:
            found[f"staff:{user}"].append((change.at, new.get("role") or ""))
    return found
