"""A stimulation trial: its protocol, dates and phase; the programs it ran; what went wrong; own rules."""

import uuid

import pgtrigger
from django.db import models
from django.db.models import F, Q

from apps.accounts.models import Clinic, User
from apps.patients.models import Patient
from sctrial.phases import EndReason, Phase
from sctrial.scales import SCALES, ScaleCode
from sctrial.windows import Several

MODALITIES = {"SCS": "Spinal cord stimulation", "DRG": "Dorsal root ganglion stimulation"}
SEVERITIES = {"mild": "Mild", "moderate": "Moderate", "severe": "Severe"}


def label(code: str) -> str:
    return code.replace("_", " ").capitalize()


class StimulationTrial(models.Model):
    """The rule set and both windows are fixed before the leads are placed (policies.py)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="trials")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="trials")
    modality = models.CharField(max_length=3, choices=MODALITIES)
    repeat_number = models.PositiveSmallIntegerField(default=1)
    target_area = models.CharField(max_length=120, help_text="Where the target pain is, in words")
    scale = models.CharField(
        max_length=30,
        choices={scale.code.value: scale.label for scale in SCALES.values()},
        default=ScaleCode.NRS_11.value,
    )
    rule_set_id = models.CharField(max_length=60)
    baseline_window = models.CharField(max_length=40, default="last-n-days:7")
    trial_window = models.CharField(max_length=40, default="last-n-days:3")
    several = models.CharField(
        max_length=5, choices={s.value: label(s.value) for s in Several}, default=Several.MEAN.value
    )
    day_starts_at_hour = models.PositiveSmallIntegerField(
        default=0, help_text="An entry made before this hour belongs to the evening before"
    )
    diary_windows = models.CharField(
        max_length=80,
        blank=True,
        help_text="When the patient may answer, on the patient's clock, such as 18:00-24:00; empty: any time",
    )
    other_regions = models.CharField(
        max_length=120, blank=True, help_text="Further regions asked every day, such as: wound, left_leg"
    )
    left_out = models.CharField(
        "questions left out",
        max_length=160,
        blank=True,
        help_text="Codes of questions this patient is not asked",
    )
    goal = models.CharField(
        max_length=120, blank=True, help_text="In the patient's own words, such as: walk to the bakery"
    )
    consent_withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)
    phase = models.CharField(max_length=30, choices={p.value: label(p.value) for p in Phase})
    diary_from = models.DateField(help_text="First day the patient may report")
    planned_end_on = models.DateField(null=True, blank=True)
    lead_placed_on = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    end_reason = models.CharField(
        max_length=40, blank=True, choices={r.value: label(r.value) for r in EndReason}
    )
    evidence_version = models.BigIntegerField(default=0, editable=False)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-diary_from", "id"]
        constraints = [
            models.UniqueConstraint(fields=["patient", "repeat_number"], name="repeat_once_a_patient"),
            models.CheckConstraint(condition=Q(phase__in=[p.value for p in Phase]), name="phase_is_known"),
            models.CheckConstraint(condition=Q(modality__in=list(MODALITIES)), name="modality_is_known"),
            models.CheckConstraint(
                condition=Q(scale__in=[code.value for code in SCALES]), name="trial_scale_is_known"
            ),
            models.CheckConstraint(
                condition=Q(lead_placed_on__isnull=True) | Q(lead_placed_on__gte=F("diary_from")),
                name="leads_after_diary_start",
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True)
                | Q(lead_placed_on__isnull=False, ended_on__gte=F("lead_placed_on")),
                name="end_after_leads",
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True, end_reason="")
                | (Q(ended_on__isnull=False) & ~Q(end_reason="")),
                name="end_has_reason",
            ),
            models.CheckConstraint(condition=Q(day_starts_at_hour__lte=6), name="day_starts_by_six"),
        ]

    def __str__(self) -> str:
        again = f" (repeat {self.repeat_number})" if self.repeat_number > 1 else ""
        return f"{self.patient} · {self.modality} · {self.target_area}{again}"


class ProgramInterval(models.Model):
    """One stimulation program, from when to when. Amplitude is null when the clinic did not note it."""

    trial = models.ForeignKey(StimulationTrial, on_delete=models.PROTECT, related_name="programs")
    name = models.CharField(max_length=40)
    waveform = models.CharField(max_length=40)
    frequency_hz = models.DecimalField(max_digits=8, decimal_places=1, null=True, blank=True)
    pulse_width_us = models.PositiveIntegerField(null=True, blank=True)
    amplitude_ma = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    started_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["started_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")),
                name="program_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.waveform})"


class AdverseEvent(models.Model):
    trial = models.ForeignKey(StimulationTrial, on_delete=models.PROTECT, related_name="adverse_events")
    onset_on = models.DateField()
    code = models.CharField(max_length=40)
    severity = models.CharField(max_length=10, choices=SEVERITIES)
    serious = models.BooleanField(default=False)
    description = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["onset_on", "id"]

    def __str__(self) -> str:
        return f"{label(self.code)} ({self.severity})"


class ClinicRuleSet(models.Model):
    """One version of a clinic's own rule set, as TOML. Only its approval is ever written, and that once."""

    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="rule_sets")
    # As long as the names of it in a trial and in an assessment.
    rule_id = models.CharField("id", max_length=60)
    version = models.CharField(max_length=40)
    content = models.TextField("rule set, as TOML")
    digest = models.CharField(max_length=80)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    approved_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "own rule set"
        ordering = ["rule_id", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "rule_id", "version"], name="rule_version_once_a_clinic"
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True, approved_at__isnull=True)
                | Q(approved_by__isnull=False, approved_at__isnull=False),
                name="approval_has_person_and_time",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("proposed_by")),
                name="second_person_approves",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="proposal_is_kept",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(exclude=["approved_by", "approved_at"]),
            ),
            pgtrigger.Protect(
                name="approval_is_kept",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__approved_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.version}"
