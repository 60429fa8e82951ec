"""When patients are reminded, and what was sent to them."""

from datetime import time

import pgtrigger
from django.db import models
from django.db.models import Q

from apps.accounts.models import Clinic
from apps.audit.values import OF_ITSELF, values_kept
from apps.trials.models import StimulationTrial

STEPS = {
    "open": "The diary has opened",
    "later": "Two hours later",
    "last": "One hour before it closes",
    "asked": "Staff asked",
}
CHANNELS = {"push": "Web push", "email": "E-mail", "sms": "Text message", "console": "Console (demo)"}
STATES = {
    "claimed": "Not confirmed",
    "sent": "Handed over",
    "failed": "Failed",
}


class ReminderPolicy(models.Model):
    """How a clinic reminds. Quiet hours are the patient's own wall clock."""

    clinic = models.OneToOneField(Clinic, on_delete=models.PROTECT, related_name="reminder_policy")
    is_on = models.BooleanField("send reminders", default=True)
    quiet_from = models.TimeField(default=time(22, 0))
    quiet_to = models.TimeField(default=time(8, 0))
    most_a_day = models.PositiveSmallIntegerField(default=3)

    class Meta:
        verbose_name_plural = "reminder policies"
        constraints = [
            models.CheckConstraint(condition=Q(most_a_day__lte=3), name="at_most_three_a_day"),
        ]
        triggers = values_kept(OF_ITSELF)

    def __str__(self) -> str:
        return f"reminders of {self.clinic}"


class Reminder(models.Model):
    """The delivery log. A row is claimed before anything is sent: its key is what makes it happen once."""

    trial = models.ForeignKey(StimulationTrial, on_delete=models.PROTECT, related_name="reminders")
    diary_day = models.DateField()
    window_no = models.PositiveSmallIntegerField(help_text="1 for a diary that is open all day")
    step = models.CharField(max_length=10, choices=STEPS)
    channel = models.CharField(max_length=10, choices=CHANNELS)
    device_id = models.BigIntegerField(default=0, help_text="0 where the channel is not a phone's own")
    state = models.CharField(max_length=10, choices=STATES, default="claimed")
    claimed_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    detail = models.CharField(max_length=200, blank=True, help_text="Why it failed; never an address")

    class Meta:
        ordering = ["-claimed_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["trial", "diary_day", "window_no", "step", "channel", "device_id"],
                name="each_reminder_once",
            ),
            models.CheckConstraint(condition=Q(state__in=list(STATES)), name="reminder_state_is_known"),
            models.CheckConstraint(condition=Q(step__in=list(STEPS)), name="reminder_step_is_known"),
            models.CheckConstraint(condition=Q(channel__in=list(CHANNELS)), name="reminder_channel_is_known"),
        ]
        triggers = [pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.diary_day} · {self.get_step_display()} · {self.get_channel_display()}"
