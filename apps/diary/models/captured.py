"""What every answer of a patient carries beside its content: when, where, by whom, on what."""

import uuid
from collections.abc import Sequence

import pgtrigger
from django.db import models
from django.db.models import Q

from apps.audit.values import OF_ITS_TRIAL, values_kept
from apps.diary.models.devices import PatientDevice
from apps.trials.models import StimulationTrial
from sctrial.schedule import Timeliness

ORIGINATORS = {
    "patient": "Patient",
    "proxy": "Caregiver for the patient",
    "staff": "Staff, from a phone call",
    "import": "Imported file",
}
TIMELINESS = {t.value: t.value.replace("_", " ").capitalize() for t in Timeliness}


class Captured(models.Model):
    """``window_no`` is null where any time counts; ``diary_day`` is fixed at acceptance, for good.

    ``supersedes`` names the answer that this one replaces. It is no foreign key in the database, because the
    replacement may arrive first.

    Each index is written with each answer, so a reference has none of its own: a trial's answers are found by
    day, what replaces an answer by trial and answer, and nothing is looked up by phone or file.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    trial = models.ForeignKey(
        StimulationTrial, on_delete=models.PROTECT, related_name="%(class)s_set", db_index=False
    )
    diary_day = models.DateField()
    window_no = models.PositiveSmallIntegerField(null=True)
    timeliness = models.CharField(max_length=10, choices=TIMELINESS, default=Timeliness.ON_TIME.value)
    begun_at = models.DateTimeField(null=True)
    captured_at = models.DateTimeField(null=True)
    zone = models.CharField(max_length=64)
    utc_offset_minutes = models.SmallIntegerField(null=True)
    clock_error_seconds = models.IntegerField(null=True)
    received_at = models.DateTimeField()
    originator = models.CharField(max_length=10, choices=ORIGINATORS)
    entered_by = models.CharField(
        max_length=80, blank=True, help_text="The member of staff who wrote it down"
    )
    device = models.ForeignKey(
        PatientDevice, on_delete=models.PROTECT, null=True, related_name="%(class)s_set", db_index=False
    )
    language = models.CharField(max_length=10, blank=True)
    instrument_version = models.CharField(max_length=40)
    app_version = models.CharField(max_length=40, blank=True)
    body_sha256 = models.CharField(max_length=64)
    #: Struck out by staff: it stays where it is, and counts for nothing. Phones never write it.
    is_void = models.BooleanField("struck out", default=False, db_default=False)

    class Meta:
        abstract = True


def never_edited() -> list[pgtrigger.Trigger]:
    """A row says for ever what it said; it may be struck out and restored, which its values' trail keeps."""
    return [
        pgtrigger.Protect(name="kept_for_ever", operation=pgtrigger.Delete),
        pgtrigger.Protect(
            name="only_struck_out",
            operation=pgtrigger.Update,
            condition=pgtrigger.AnyChange(exclude=["is_void"]),
        ),
        *(one for one in values_kept(OF_ITS_TRIAL) if one.name == "values_changed"),
    ]


def captured_constraints(prefix: str, *, question: Sequence[str]) -> list[models.BaseConstraint]:
    """Rules that hold for answers of every kind, named for their table; ``question`` names what was asked."""
    return [
        models.CheckConstraint(
            condition=Q(device__isnull=True) | Q(originator__in=["patient", "proxy"]),
            name=f"{prefix}_devices_are_patient_or_proxy",
        ),
        models.CheckConstraint(
            condition=~Q(originator="staff") | ~Q(entered_by=""), name=f"{prefix}_by_staff_names_them"
        ),
        models.CheckConstraint(
            condition=Q(timeliness__in=list(TIMELINESS)), name=f"{prefix}_timeliness_is_known"
        ),
        models.UniqueConstraint(
            # One that names an answer elsewhere changes nothing, and takes no change's place.
            fields=["trial", "supersedes", "diary_day", "window_no", *question],
            condition=Q(supersedes__isnull=False),
            nulls_distinct=False,
            name=f"{prefix}_superseded_once",
        ),
    ]
