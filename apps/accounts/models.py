"""Clinics, the staff who work in them, and what each may do there."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum

import pgtrigger
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q

from apps.audit.values import OF_ITSELF, OF_NO_CLINIC, values_kept


class Role(StrEnum):
    COORDINATOR = "coordinator"
    CLINICIAN = "clinician"
    SITE_ADMIN = "site_admin"
    ANALYST = "analyst"


ROLE_LABELS: dict[str, str] = {
    Role.COORDINATOR: "Coordinator: runs the trial, never signs",
    Role.CLINICIAN: "Clinician: decides and signs",
    Role.SITE_ADMIN: "Site admin: people and settings of one clinic",
    Role.ANALYST: "Analyst: reads pseudonymous data",
}


#: A membership is never deleted: who leaves a clinic keeps the row, and no right.
FORMER = "former"
MEMBERSHIPS = ROLE_LABELS | {FORMER: "Former: no longer works in this clinic"}


class User(AbstractUser):
    """A member of staff. Patients are not users: they hold a device token for their own trial."""

    access_epoch = models.PositiveIntegerField(
        default=0, editable=False, help_text="Sessions that began under another number are over"
    )

    class Meta(AbstractUser.Meta):
        triggers = values_kept(OF_NO_CLINIC, but=("password", "last_login"))

    def get_session_auth_hash(self) -> str:
        return self._in_this_epoch(super().get_session_auth_hash())

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        return map(self._in_this_epoch, super().get_session_auth_fallback_hash())

    def _in_this_epoch(self, of_the_password: str) -> str:
        return f"{self.access_epoch}:{of_the_password}"


class Clinic(models.Model):
    name = models.CharField(max_length=120, unique=True)
    zone = models.CharField(max_length=64, default="UTC", help_text="IANA name, such as Europe/Berlin")
    phone = models.CharField(max_length=40, blank=True)
    emergency_phone = models.CharField(
        max_length=40, blank=True, help_text="The number patients dial in an emergency, such as 112 or 911"
    )
    alert_email = models.EmailField(
        blank=True, help_text="Told, without any health content, that a new task waits on the worklist"
    )
    emergency_access = models.BooleanField(
        default=False,
        db_default=False,
        help_text="A clinician of another clinic may read the records of this one for an hour, with a "
        "reason; the site admins of both are told at once",
    )

    class Meta:
        ordering = ["name"]
        triggers = values_kept("coalesce(NEW.id, OLD.id)")

    def __str__(self) -> str:
        return self.name


class StaffMembership(models.Model):
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=MEMBERSHIPS)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "clinic"], name="one_role_a_clinic"),
            models.CheckConstraint(condition=models.Q(role__in=list(MEMBERSHIPS)), name="role_is_known"),
        ]
        triggers = values_kept(OF_ITSELF)

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()} · {self.clinic}"


class SigningAccess(models.Model):
    """Wrong tries of a person who signs, and the last code used: one row is the lock that tries wait for."""

    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="signing_access")
    wrong_tries = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True, blank=True)
    last_counter = models.BigIntegerField(default=0, help_text="A one-time code counts once")
    last_challenge = models.BigIntegerField(default=0, help_text="What a passkey signs counts once")

    class Meta:
        verbose_name_plural = "signing access"

    def __str__(self) -> str:
        return f"{self.user}: {self.wrong_tries} wrong"


class SecondFactor(Authenticator):
    """A library's table, with triggers of ours: a factor that SQL adds is a way in that nobody saw made."""

    class Meta:
        proxy = True
        triggers = values_kept(OF_NO_CLINIC, but=("data", "last_used_at"))


class SignInTries(models.Model):
    """Wrong tries to sign in under one name, whether or not somebody has it: both are answered alike."""

    name_sha256 = models.CharField(max_length=64, unique=True)
    wrong_tries = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True, blank=True)
    last_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name_plural = "sign-in tries"

    def __str__(self) -> str:
        return f"{self.name_sha256[:8]}: {self.wrong_tries} wrong"


LONGEST_KEY = timedelta(days=366)


class ApiKey(models.Model):
    """A person's own key to the API, for programs. Of the key itself only the SHA-256 is kept.

    It may what its scopes say, and never more than the person may.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="api_keys")
    name = models.CharField(max_length=80, help_text="What it is for, such as: R on my laptop")
    prefix = models.CharField(max_length=8, unique=True, help_text="Its first characters, to recognise it")
    token_sha256 = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = "API key"
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at"), expires_at__lte=F("created_at") + LONGEST_KEY),
                name="key_expires_within_a_year",
            ),
            models.CheckConstraint(condition=~Q(scopes=[]), name="key_has_a_scope"),
        ]
        triggers = values_kept(OF_NO_CLINIC, but=("token_sha256", "last_used_at"))

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    def is_good(self, at: datetime) -> bool:
        return self.revoked_at is None and at < self.expires_at and self.user.is_active


#: Our own setting: 45 CFR 164.312(a)(2)(ii) asks for a procedure in an emergency and gives no minutes.
EMERGENCY_FOR = timedelta(minutes=60)
EMERGENCY_REASONS = {
    "patient_here": "The patient is with us, and treatment cannot wait",
    "not_reached": "The patient's own clinic cannot be reached",
    "asked_for": "The patient's own clinic asked us to look",
    "other": "Another reason",
}
EMERGENCY_ENDS = {
    "time": "the time was over",
    "reader": "ended by who had opened it",
    "signed_out": "signed out",
    "session_closed": "the session was closed",
    "access_ended": "the person's access was ended",
    "switched_off": "switched off for the clinic",
}
ASSESSMENTS = {"justified": "Justified", "not_justified": "Not justified"}


class EmergencyAccess(models.Model):
    """One person reads one other clinic for a while; its site admins judge it afterwards (docs/adr/0029)."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="emergency_accesses")
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, help_text="Whose records were open")
    reason_code = models.CharField(max_length=20, choices=EMERGENCY_REASONS)
    reason = models.CharField(max_length=200)
    opened_at = models.DateTimeField()
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_why = models.CharField(max_length=20, choices=EMERGENCY_ENDS, blank=True)
    assessed_at = models.DateTimeField(null=True)
    assessed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    assessment = models.CharField(max_length=20, choices=ASSESSMENTS, blank=True)
    assessment_words = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-opened_at", "-id"]
        verbose_name_plural = "emergency accesses"
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(ended_at=None), name="one_open_emergency_access"
            ),
            models.CheckConstraint(
                condition=Q(until__gt=F("opened_at"), until__lte=F("opened_at") + EMERGENCY_FOR),
                name="emergency_access_is_short",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_why="")
                # A comparison with nothing is neither true nor false, and a check takes it for true.
                | Q(ended_at__isnull=False, ended_at__lte=F("until"), ended_why__in=list(EMERGENCY_ENDS)),
                name="emergency_access_ends_in_time",
            ),
            models.CheckConstraint(
                condition=Q(assessed_at=None, assessed_by=None, assessment="", assessment_words="")
                | Q(
                    ~Q(assessed_by=F("user")),
                    ended_at__isnull=False,
                    assessed_at__isnull=False,
                    assessed_at__gte=F("ended_at"),
                    assessed_by__isnull=False,
                    assessment__in=list(ASSESSMENTS),
                ),
                name="emergency_access_is_assessed_by_another",
            ),
        ]
        triggers = [
            *values_kept(OF_ITSELF),
            pgtrigger.Protect(name="kept_for_ever", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="as_it_was_opened",
                fields=["user", "clinic", "reason_code", "reason", "opened_at", "until"],
            ),
            pgtrigger.Protect(
                name="assessed_for_good",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__assessed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.clinic} · {self.opened_at:%Y-%m-%d %H:%M} UTC"
