"""What waits for a member of staff: answers that the record could not take, corrections asked for, tasks."""

import uuid

import pgtrigger
from django.db import models
from django.db.models import Q

from apps.audit.values import OF_ITS_TRIAL, values_kept
from apps.diary.models.answers import DiaryAnswer
from apps.diary.models.devices import PatientDevice
from apps.diary.models.entries import DiaryEntry
from apps.trials.models import StimulationTrial

PARKED_BECAUSE = {
    "slot_taken": "Another answer was given for the same evening",
    "already_superseded": "The answer it changes was changed by another one",
    "unknown_version": "The wording of the question is not known here",
    "base_elsewhere": "The answer it changes is to another question or of another evening",
    "base_missing": "The answer it changes has not come, and another one was given for the same evening",
}
PARKED_OUTCOMES = {
    "left": "The record stays as it is",
    "taken": "Taken over as a correction",
    "counts": "It counts after all; nothing to decide",
}
CORRECTION_REASONS = {
    "wrong_number": "I touched the wrong number",
    "wrong_day": "It was for another day",
    "not_mine": "Somebody else answered",
    "other": "Another reason",
}
CORRECTION_STATES = {"open": "Open", "accepted": "Accepted", "declined": "Declined"}
TASK_KINDS = {
    "red_flag": "Warning sign reported",
    "answer_parked": "An answer needs a decision",
    "correction_requested": "The patient asks for a correction",
    "missed_evenings": "Two evenings in a row without an answer",
    "low_compliance": "Under 60 % of the evenings answered",
    "consent_withdrawn": "Consent withdrawn",
    "pairing_locked": "Pairing code locked after five wrong tries",
}


def closing_is_whole(prefix: str) -> models.CheckConstraint:
    """Closed by somebody, at some time, with some outcome; or not at all."""
    return models.CheckConstraint(
        condition=Q(closed_at__isnull=True, closed_by="", outcome="")
        | (Q(closed_at__isnull=False) & ~Q(closed_by="") & ~Q(outcome="")),
        name=f"{prefix}_closing_is_whole",
    )


class ParkedAnswer(models.Model):
    """An answer that was refused but is not lost: as it was sent, and why it could not be taken.

    ``is_stored``: taken before what it changes was refused, or never came. It has its row and does not stand.
    """

    id = models.UUIDField(primary_key=True, editable=False, help_text="The id the phone gave the answer")
    trial = models.ForeignKey(StimulationTrial, on_delete=models.PROTECT, related_name="parked")
    device = models.ForeignKey(PatientDevice, on_delete=models.PROTECT, related_name="parked")
    why = models.CharField(max_length=30, choices=PARKED_BECAUSE)
    body = models.JSONField()
    diary_day = models.DateField()
    captured_at = models.DateTimeField()
    received_at = models.DateTimeField()
    is_stored = models.BooleanField(default=False)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=80, blank=True)
    outcome = models.CharField(max_length=10, choices=PARKED_OUTCOMES, blank=True)

    class Meta:
        ordering = ["received_at"]
        constraints = [closing_is_whole("parked")]
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            *values_kept(OF_ITS_TRIAL),
        ]

    def __str__(self) -> str:
        return f"{self.diary_day} · {self.get_why_display()}"


class CorrectionRequest(models.Model):
    """After the window has closed only staff correct; this is how the patient asks them to.

    The answer in question may arrive after the request, so it is no foreign key in the database.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    trial = models.ForeignKey(StimulationTrial, on_delete=models.PROTECT, related_name="correction_requests")
    device = models.ForeignKey(PatientDevice, on_delete=models.PROTECT, related_name="correction_requests")
    originator = models.CharField(max_length=10)
    entry = models.ForeignKey(
        DiaryEntry, on_delete=models.DO_NOTHING, null=True, db_constraint=False, related_name="corrections"
    )
    answer = models.ForeignKey(
        DiaryAnswer, on_delete=models.DO_NOTHING, null=True, db_constraint=False, related_name="corrections"
    )
    reason = models.CharField(max_length=20, choices=CORRECTION_REASONS)
    text = models.CharField(max_length=200)
    proposed_value = models.IntegerField(null=True, blank=True)
    captured_at = models.DateTimeField()
    zone = models.CharField(max_length=64)
    received_at = models.DateTimeField()
    body_sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=CORRECTION_STATES, default="open")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=80, blank=True)
    staff_note = models.CharField(max_length=200, blank=True)
    result = models.ForeignKey(DiaryEntry, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["received_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(entry__isnull=True, answer__isnull=False)
                | Q(entry__isnull=False, answer__isnull=True),
                name="correction_names_one_answer",
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True, closed_by="")
                | (~Q(state="open") & Q(closed_at__isnull=False) & ~Q(closed_by="")),
                name="correction_closing_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(state__in=list(CORRECTION_STATES)), name="correction_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(reason__in=list(CORRECTION_REASONS)), name="correction_reason_is_known"
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            *values_kept(OF_ITS_TRIAL),
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display()} · {self.get_state_display()}"


class StaffTask(models.Model):
    """Something a person has to look at. It closes with an outcome, never by itself."""

    trial = models.ForeignKey(StimulationTrial, on_delete=models.PROTECT, related_name="tasks")
    kind = models.CharField(max_length=30, choices=TASK_KINDS)
    subject = models.CharField(max_length=64, blank=True, help_text="Id of what it is about")
    raised_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True, blank=True, help_text="When the clinic's alert was sent")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=80, blank=True)
    outcome = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["closed_at", "-raised_at"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=list(TASK_KINDS)), name="task_kind_is_known"),
            models.UniqueConstraint(
                fields=["trial", "kind", "subject"],
                condition=Q(closed_at__isnull=True),
                name="one_open_task_a_subject",
            ),
            closing_is_whole("task"),
        ]
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            *values_kept(OF_ITS_TRIAL),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
