"""Phones, the codes that join them to a trial, and the patient's consent."""

import uuid

import pgtrigger
from django.db import models
from django.db.models import Q

from apps.audit.values import OF_ITS_TRIAL, values_kept
from apps.trials.models import StimulationTrial

HOLDERS = {"patient": "The patient", "proxy": "A caregiver"}
DECISIONS = {"given": "Given", "withdrawn": "Withdrawn"}
MOST_TRIES = 5


class PatientDevice(models.Model):
    """A phone that holds a token for one trial. Only the token's SHA-256 is kept.

    ``version`` counts the changes of its settings, for If-Match.
    """

    trial = models.ForeignKey(StimulationTrial, on_delete=models.PROTECT, related_name="devices")
    token_sha256 = models.CharField(max_length=64, unique=True)
    holder = models.CharField(max_length=10, choices=HOLDERS, default="patient")
    label = models.CharField(max_length=80, blank=True)
    language = models.CharField(max_length=10, blank=True)
    app_version = models.CharField(max_length=40, blank=True)
    remind_by_push = models.BooleanField(default=False)
    remind_by_email = models.BooleanField(default=False)
    remind_by_sms = models.BooleanField(default=False)
    push_subscription = models.JSONField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    paired_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-paired_at"]
        constraints = [
            models.CheckConstraint(condition=Q(holder__in=list(HOLDERS)), name="holder_is_known"),
        ]
        # A phone's own name may be a person's.
        triggers = values_kept(OF_ITS_TRIAL, but=("token_sha256", "push_subscription", "label"))

    def __str__(self) -> str:
        return self.label or f"device {self.pk}"


class PairingCode(models.Model):
    """One invitation: eight characters to type and a link secret for the QR. Either is used, once, for both.

    ``locator`` is the typed code's first part: it finds the row, so that wrong tries of the rest can be
    counted. Only hashes of the secrets are kept.
    """

    trial = models.ForeignKey(StimulationTrial, on_delete=models.PROTECT, related_name="pairing_codes")
    holder = models.CharField(max_length=10, choices=HOLDERS, default="patient")
    locator = models.CharField(max_length=4, blank=True)
    code_sha256 = models.CharField(max_length=64, unique=True)
    # Null, not empty: codes issued before there were links have none, and what is unique cannot repeat.
    link_sha256 = models.CharField(max_length=64, unique=True, null=True)  # noqa: DJ001
    expires_at = models.DateTimeField()
    link_expires_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True, blank=True)
    attempt = models.UUIDField(null=True, blank=True)
    device = models.ForeignKey(PatientDevice, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["locator"], name="code_by_locator")]
        constraints = [
            models.CheckConstraint(condition=Q(holder__in=list(HOLDERS)), name="code_holder_is_known"),
            models.CheckConstraint(condition=Q(tries__lte=MOST_TRIES), name="code_has_five_tries"),
        ]
        triggers = values_kept(
            OF_ITS_TRIAL, but=("locator", "code_sha256", "link_sha256", "attempt", "tries")
        )

    def __str__(self) -> str:
        return f"pairing code {self.pk}"


class ConsentEvent(models.Model):
    """The patient agreed to the diary, or stopped it; the newest counts."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    trial = models.ForeignKey(StimulationTrial, on_delete=models.PROTECT, related_name="consents")
    decision = models.CharField(max_length=10, choices=DECISIONS)
    text_version = models.CharField(max_length=40)
    language = models.CharField(max_length=10)
    captured_at = models.DateTimeField()
    zone = models.CharField(max_length=64)
    received_at = models.DateTimeField()
    device = models.ForeignKey(PatientDevice, on_delete=models.PROTECT, null=True, related_name="consents")
    originator = models.CharField(max_length=10)
    body_sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["captured_at", "received_at"]
        constraints = [
            models.CheckConstraint(condition=Q(decision__in=list(DECISIONS)), name="decision_is_known"),
        ]
        triggers = [
            pgtrigger.Protect(name="kept_for_ever", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.get_decision_display()} · {self.text_version}"
