"""Make a snapshot of a question, and leave a trace of every table that goes out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

import pyarrow as pa
from django.db import transaction

from apps.audit.services import record_in
from apps.cohorts.frames import tables_of
from apps.cohorts.models import Snapshot, SnapshotClinic, SnapshotTable
from apps.cohorts.question import CohortQuestion
from apps.cohorts.selectors import IDENTIFIED, SNAPSHOT, clinics_of, earlier_snapshots
from apps.cohorts.study_key import study_key
from apps.workspace.permissions import Access
from sctrial.arrow_tables import to_arrow, to_parquet
from sctrial.deidentify import compute_shift
from sctrial.deidentify_tables import PERSON, Form, TooFew, columns_of, deidentify
from sctrial.dictionary import read_dictionary
from sctrial.disclosure import Overlap, compare_cohorts
from sctrial.snapshots import Manifest, make_id, make_manifest

LONGEST_REASON = 300


class NoSnapshot(ValueError):
    """A snapshot that is not made; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, what they may see, and when."""

    by: str
    access: Access
    at: datetime
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A snapshot before it is kept: its tables, and what its id is made of."""

    on: date
    tables: Mapping[str, pa.Table]
    manifest: Manifest

    @property
    def id(self) -> str:
        return make_id(self.manifest)

    @property
    def people(self) -> list[str]:
        return sorted(set(self.tables["subjects"].column(PERSON).to_pylist()))


def draft_snapshot(question: CohortQuestion, *, asker: Asker, form: Form) -> Draft:
    """The tables as they would leave. Raises BadQuestion, and NoSnapshot for too few patients.

    They are as of the beginning of the day in UTC, as far as the clock matters: later the same day the same
    windows of the diary are over, and the same data give the same id.
    """
    on = asker.at.astimezone(UTC).date()
    raw = tables_of(question, access=asker.access, at=datetime.combine(on, time(), UTC))
    key, dictionary = study_key(), read_dictionary()
    try:
        told = deidentify(
            raw, dictionary=dictionary, form=form, shift=lambda person: compute_shift(person, key=key)
        )
    except TooFew as few:
        raise NoSnapshot(f"No snapshot was made: {few}.") from few
    tables = {name: to_arrow(frame, columns_of(dictionary[name], form=form)) for name, frame in told.items()}
    return Draft(on, tables, make_manifest(tables, form=form.value, on=on))


@dataclass(frozen=True, slots=True)
class Prepared:
    """A snapshot that may be kept: all that is computed is computed, and no transaction is open.

    ``near`` names the earlier ones that differ by a few people.
    """

    question: CohortQuestion
    asker: Asker
    form: Form
    reason: str
    clinics: frozenset[int]
    draft: Draft
    files: Mapping[str, bytes]
    near: tuple[str, ...]


def make_snapshot(
    question: CohortQuestion, *, asker: Asker, form: Form = Form.STUDY_DAYS, reason: str = ""
) -> Snapshot:
    """The snapshot of a question, kept once. Raises BadQuestion and NoSnapshot."""
    return keep_snapshot(prepare_snapshot(question, asker=asker, form=form, reason=reason))


def prepare_snapshot(
    question: CohortQuestion, *, asker: Asker, form: Form = Form.STUDY_DAYS, reason: str = ""
) -> Prepared:
    """Everything but writing it down, which is then quick. Raises BadQuestion and NoSnapshot."""
    clinics = clinics_of(question, access=asker.access)
    _check_may_make(clinics, asker=asker, form=form, reason=reason)
    draft = draft_snapshot(question, asker=asker, form=form)
    files = {name: to_parquet(table) for name, table in draft.tables.items()}
    near = _check_difference(draft, question, form=form, clinics=clinics)
    return Prepared(question, asker, form, reason, clinics, draft, files, tuple(near))


@transaction.atomic
def keep_snapshot(prepared: Prepared) -> Snapshot:
    snapshot = _keep(prepared)
    _trace(
        "snapshot",
        snapshot,
        asker=prepared.asker,
        reason=prepared.reason,
        detail={"near": list(prepared.near)},
    )
    return snapshot


def _check_may_make(clinics: Iterable[int], *, asker: Asker, form: Form, reason: str) -> None:
    identified = form is Form.IDENTIFIED
    resource = IDENTIFIED if identified else SNAPSHOT
    allowed = asker.access.clinics("add", resource=resource)
    if not clinics or not set(clinics) <= allowed:
        who = "clinicians" if identified else "analysts, clinicians and site admins"
        raise NoSnapshot(f"No snapshot was made: in this form only {who} of every clinic asked for make one.")
    if identified and not reason.strip():
        raise NoSnapshot("No snapshot was made: say what the identified tables are needed for.")
    if len(reason) > LONGEST_REASON:
        raise NoSnapshot(f"No snapshot was made: shorten the reason to {LONGEST_REASON} characters.")


def _check_difference(
    draft: Draft, question: CohortQuestion, *, form: Form, clinics: Iterable[int]
) -> list[str]:
    """The earlier snapshots that differ by a few people; raises where one holds the other.

    The same question asked again holds a few more people because trials were added, which is no trick.
    """
    if form is Form.IDENTIFIED:
        return []
    people, near = set(draft.people), []
    for earlier in earlier_snapshots(clinics):
        overlap = compare_cohorts(people, other=set(earlier.people))
        if overlap is Overlap.NESTED and earlier.question != question.query:
            raise NoSnapshot(
                f"No snapshot was made: it differs from {earlier.pk} by fewer than 5 patients, so that the "
                "two together would tell about those few. Use that one, or ask for other patients."
            )
        if overlap is not Overlap.HARMLESS:
            near.append(earlier.pk)
    return near


def _keep(prepared: Prepared) -> Snapshot:
    draft = prepared.draft
    facts = {
        "question": prepared.question.query,
        "form": prepared.form.value,
        "made_on": draft.on,
        "manifest": draft.manifest,
        "people": draft.people,
        "reason": prepared.reason.strip(),
        "made_at": prepared.asker.at,
        "made_by": prepared.asker.by,
    }
    snapshot, is_new = Snapshot.objects.get_or_create(id=draft.id, defaults=facts)
    if not is_new:
        return snapshot
    SnapshotClinic.objects.bulk_create(
        SnapshotClinic(snapshot=snapshot, clinic_id=clinic) for clinic in sorted(prepared.clinics)
    )
    SnapshotTable.objects.bulk_create(
        SnapshotTable(snapshot=snapshot, name=name, content=content)
        for name, content in prepared.files.items()
    )
    return snapshot


def trace_download(snapshot: Snapshot, *, asker: Asker, table: str, kind: str, via: str = "") -> None:
    """Write who took which table in which format; one event a clinic. ``via`` is the key, if any."""
    _trace("download", snapshot, asker=asker, detail={"table": table, "format": kind, "via": via})


def _trace(
    action: str, snapshot: Snapshot, *, asker: Asker, detail: Mapping[str, Any], reason: str = ""
) -> None:
    record_in(
        snapshot.clinics.order_by("pk").values_list("pk", flat=True),
        action=action,
        object_type="snapshot",
        object_id=snapshot.pk,
        by=asker.by,
        at=asker.at,
        reason=reason.strip(),
        request_id=asker.request_id,
        detail={"form": snapshot.form, **detail},
    )
