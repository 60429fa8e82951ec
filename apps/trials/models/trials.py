"""A stimulation trial: its protocol, dates and phase."""

import uuid

from django.db import models
from django.db.models import F, Q

from apps.accounts.models import Clinic
from apps.audit.values import OF_ITSELF, values_kept
from apps.patients.models import Patient
from sctrial.checklist import BODY_REGIONS
from sctrial.phases import END_REASON_WORDS, EndReason, Phase
from sctrial.scales import SCALES, ScaleCode
from sctrial.stimulation import TECHNICAL_CAUSES
from sctrial.windows import Several

_CODE = f"({'|'.join(BODY_REGIONS)})"
MODALITIES = {"SCS": "Spinal cord stimulation", "DRG": "Dorsal root ganglion stimulation"}


def label(code: str) -> str:
    return code.replace("_", " ").capitalize()


class StimulationTrial(models.Model):
    """The rule set and both windows are fixed before the leads are placed (policies.py)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, on_delete=models.PROTECT, related_name="trials")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="trials")
    modality = models.CharField(max_length=3, choices=MODALITIES)
    repeat_number = models.PositiveSmallIntegerField(default=1)
    # Text, as the look-up of a phone's token reads it without a conversion.
    target_regions = models.CharField(
        "target", max_length=400, default="", db_default="", blank=True, help_text="Codes of the body map"
    )
    target_area = models.CharField(
        "target, in words",
        max_length=120,
        blank=True,
        help_text="What no region of the body map says. Of older trials it is all that was written",
    )
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
    referred_by = models.CharField(
        max_length=120, blank=True, default="", db_default="", help_text="Name and practice, in short"
    )
    referred_on = models.DateField(null=True, blank=True)
    consent_withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)
    phase = models.CharField(max_length=30, choices={p.value: label(p.value) for p in Phase})
    diary_from = models.DateField(help_text="First day the patient may report")
    planned_end_on = models.DateField(null=True, blank=True)
    lead_placed_on = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    end_reason = models.CharField(
        max_length=40, blank=True, choices={r.value: words for r, words in END_REASON_WORDS.items()}
    )
    technical_cause = models.CharField(
        max_length=30,
        blank=True,
        choices=dict(TECHNICAL_CAUSES),
        help_text="Of a technical failure, which says nothing about relief",
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
            models.CheckConstraint(
                condition=Q(technical_cause="")
                | Q(
                    technical_cause__in=list(TECHNICAL_CAUSES),
                    end_reason=EndReason.TECHNICAL_FAILURE.value,
                ),
                name="cause_of_a_technical_failure",
            ),
            models.CheckConstraint(condition=Q(day_starts_at_hour__lte=6), name="day_starts_by_six"),
            models.CheckConstraint(
                condition=Q(target_regions__regex=f"^({_CODE}(, {_CODE})*)?$"),
                name="target_regions_are_known",
            ),
            models.CheckConstraint(
                condition=~Q(target_regions="") | ~Q(target_area=""),
                name="target_is_named",
                violation_error_message="Choose where the target pain is, or write it in words.",
            ),
        ]
        triggers = values_kept(OF_ITSELF, but=("evidence_version",))

    def __str__(self) -> str:
        again = f" (repeat {self.repeat_number})" if self.repeat_number > 1 else ""
        return f"{self.patient} · {self.modality} · {self.target_words}{again}"

    @property
    def target_codes(self) -> list[str]:
        return self.target_regions.split(", ") if self.target_regions else []

    @property
    def target_parts(self) -> tuple[str, ...]:
        """The regions in words, then what was written."""
        codes = self.target_codes
        named = (words for code, words in BODY_REGIONS.items() if code in codes)
        return (*named, *filter(None, [self.target_area]))

    @property
    def target_words(self) -> str:
        return "; ".join(self.target_parts)
