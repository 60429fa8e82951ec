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
#: By clinic and person: when a role began, and which; empty from when it was taken away.
Roles = Mapping[tuple[int | None, str], list[tuple[datetime, str]]]


def told(lines: Iterable[Told], *, clinic: int | None) -> list[Told]:
    """The lines with words for who they name."""
    lines = list(lines)
    words = words_at([(line.who, line.at, clinic) for line in lines])
    return [replace(line, who=said) for line, said in zip(lines, words, strict=True)]


def words_at(acts: Collection[tuple[str, datetime, int | None]]) -> list[str]:
    """Of each act its actor, instant and clinic: who that is. As many statements for many acts as for one."""
    actors = {actor for actor, _, _ in acts}
    names, phones = names_of(actors), _phones(actors)
    clinics = {clinic for actor, _, clinic in acts if actor in names and clinic is not None}
    roles = roles_in(clinics) if clinics else {}

    def words(actor: str, at: datetime, clinic: int | None) -> str:
        if actor in names:
            role = role_at(roles.get((clinic, actor), []), at)
            return f"{names[actor]}, {gettext(ROLE_NAMES[role])}" if role else names[actor]
        return phones.get(actor) or _machine_words(actor)

    return [words(*act) for act in acts]


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


def roles_in(clinics: Collection[int]) -> Roles:
    """Of everybody who has, or had, a role there: as the trail knows it, else as it is now."""
    table = StaffMembership._meta.db_table
    changes = ValueChange.objects.filter(clinic_id__in=clinics, table=table).order_by("id")
    now = dict(StaffMembership.objects.filter(clinic__in=clinics).values_list("pk", "user_id"))
    people = {str(pk): user for pk, user in now.items()}
    found: dict[tuple[int | None, str], list[tuple[datetime, str]]] = defaultdict(list)
    for change in changes:
        old, new = change.old or {}, change.new or {}
        user = people.setdefault(change.row_id, new.get("user_id") or old.get("user_id") or 0)
        if "role" in old or "role" in new:
            found[change.clinic_id, f"staff:{user}"].append((change.at, new.get("role") or ""))
    return found
