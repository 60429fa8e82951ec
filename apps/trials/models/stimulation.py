"""What stimulates during a trial: leads, the external stimulator, programs; and how long it was extended."""

import pgtrigger
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q

from apps.audit.values import OF_ITS_TRIAL, values_kept
from apps.trials.models.trials import StimulationTrial
from sctrial.stimulation import LEAD_KINDS, LEVELS, MOST_CONTACTS, SIDES, WAVEFORMS

AT_GANGLION = sorted(code for code, kind in LEAD_KINDS.items() if kind.at_ganglion)
NOT_FELT = sorted(code for code, waveform in WAVEFORMS.items() if waveform.is_felt is False)
CONTACTS = RegexValidator(
    r"^\d{1,2}[+-]( \d{1,2}[+-])*$", "Write each contact with its sign, such as: 1+ 2- 3-"
)
PLACES = {level: level for level in LEVELS}


class Lead(models.Model):
    """At a spinal level, or at a ganglion; what became of it is told when the trial has ended."""

    trial = models.ForeignKey(StimulationTrial, on_delete=models.PROTECT, related_name="leads")
    kind = models.CharField(max_length=30, choices={code: kind.label for code, kind in LEAD_KINDS.items()})
    contacts = models.PositiveSmallIntegerField(validators=[MinValueValidator(1)])
    level = models.CharField(
        max_length=3, blank=True, choices=PLACES, help_text="Of the uppermost contact; empty at a ganglion"
    )
    ganglion = models.CharField(max_length=3, blank=True, choices=PLACES, help_text="For a DRG lead")
    side = models.CharField(max_length=10, choices=dict(SIDES))
    identifier = models.CharField("serial number or UDI", max_length=80, blank=True)
    removed_on = models.DateField(null=True, blank=True)
    is_kept = models.BooleanField("kept for the implant", default=False)
    tip_intact = models.BooleanField("tip intact when removed", null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=list(LEAD_KINDS)), name="lead_kind_is_known"),
            models.CheckConstraint(condition=Q(side__in=list(SIDES)), name="lead_side_is_known"),
            models.CheckConstraint(
                condition=Q(contacts__gte=1, contacts__lte=MOST_CONTACTS), name="lead_has_contacts"
            ),
            models.CheckConstraint(
                condition=(Q(kind__in=AT_GANGLION, ganglion__in=LEVELS, level="") & ~Q(side="midline"))
                | (~Q(kind__in=AT_GANGLION) & Q(ganglion="", level__in=LEVELS)),
                name="lead_at_level_or_ganglion",
            ),
            models.CheckConstraint(
                condition=Q(removed_on__isnull=True) | Q(is_kept=False), name="lead_removed_or_kept"
            ),
            models.CheckConstraint(
                condition=Q(tip_intact__isnull=True) | Q(removed_on__isnull=False),
                name="tip_is_seen_when_removed",
            ),
        ]
        triggers = values_kept(OF_ITS_TRIAL)

    def __str__(self) -> str:
        where = f"ganglion {self.ganglion}" if self.ganglion else f"level {self.level}"
        return (
            f"{self.get_kind_display()}, {self.contacts} contacts, {where}, {self.get_side_display().lower()}"
        )


class ExternalStimulator(models.Model):
    trial = models.ForeignKey(StimulationTrial, on_delete=models.PROTECT, related_name="stimulators")
    name = models.CharField("make and model", max_length=80)
    identifier = models.CharField("serial number or UDI", max_length=80, blank=True)
    given_on = models.DateField()
    returned_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["given_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(returned_on__isnull=True) | Q(returned_on__gte=F("given_on")),
                name="stimulator_back_after_given",
            ),
        ]
        triggers = values_kept(OF_ITS_TRIAL)

    def __str__(self) -> str:
        return self.name


class ProgramInterval(models.Model):
    """One stimulation program, from when to when. Amplitude is null when the clinic did not note it."""

    trial = models.ForeignKey(StimulationTrial, on_delete=models.PROTECT, related_name="programs")
    name = models.CharField(max_length=40)
    waveform = models.CharField(max_length=40)
    frequency_hz = models.DecimalField(max_digits=8, decimal_places=1, null=True, blank=True)
    pulse_width_us = models.PositiveIntegerField(null=True, blank=True)
    amplitude_ma = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    contacts = models.CharField(
        max_length=80,
        blank=True,
        validators=[CONTACTS],
        help_text="Contacts and their polarity, such as: 1+ 2- 3-",
    )
    coverage_percent = models.PositiveSmallIntegerField(
        "coverage (%)",
        null=True,
        blank=True,
        help_text="How much of the painful area tingles; empty where nothing is felt",
    )
    started_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["started_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")),
                name="program_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(coverage_percent__isnull=True) | Q(coverage_percent__lte=100),
                name="coverage_is_a_percent",
            ),
            models.CheckConstraint(
                condition=Q(coverage_percent__isnull=True) | ~Q(waveform__in=NOT_FELT),
                name="coverage_where_something_is_felt",
            ),
        ]
        triggers = values_kept(OF_ITS_TRIAL)

    def __str__(self) -> str:
        return f"{self.name} ({self.waveform})"


class Extension(models.Model):
    """A later planned end, decided while the leads are in. Added and never changed."""

    trial = models.ForeignKey(StimulationTrial, on_delete=models.PROTECT, related_name="extensions")
    planned_before = models.DateField(null=True)
    planned_end_on = models.DateField()
    days = models.PositiveSmallIntegerField(help_text="From the placement of the leads to the new end")
    reason = models.CharField(max_length=200, blank=True)
    confirmed = models.BooleanField(default=False)
    extended_at = models.DateTimeField()
    extended_by = models.CharField(max_length=80)

    class Meta:
        ordering = ["extended_at", "id"]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"to {self.planned_end_on}, day {self.days}"
