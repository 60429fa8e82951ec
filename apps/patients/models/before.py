"""What was known before the leads went in. Nothing is overwritten: a change is a new row with a reason."""

from datetime import date
from typing import Any

import pgtrigger
from django.db import models
from django.db.models import F, Q

from apps.audit.reasons import CORRECTION_REASONS
from apps.patients.models.people import Patient
from sctrial.checklist import BODY_REGIONS, DIAGNOSIS_FORMAT
from sctrial.therapy_table import NEVER_BEGUN, OUTCOMES, THERAPIES

THERAPY_CLASSES = {code.value: therapy.label for code, therapy in THERAPIES.items()}
THERAPY_OUTCOMES = {code.value: label for code, (label, _) in OUTCOMES.items()}
#: A percent, as the database holds it.
PERCENT: dict[str, Any] = {"max_digits": 4, "decimal_places": 1}


def in_percent(name: str) -> Q:
    return Q(**{f"{name}__isnull": True}) | Q(**{f"{name}__gte": 0, f"{name}__lte": 100})


def not_below_zero(name: str) -> Q:
    return Q(**{f"{name}__isnull": True}) | Q(**{f"{name}__gte": 0})


class BeforeTrial(models.Model):
    """A row of a patient's record; ``supersedes`` is the row it takes the place of, ``reason`` why."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="%(class)s_rows")
    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )
    is_void = models.BooleanField("void", default=False)
    #: Of older rows, and of a next version that is no correction, there is none.
    why = models.CharField(
        max_length=20, blank=True, default="", db_default="", choices=dict(CORRECTION_REASONS)
    )
    reason = models.CharField(max_length=200, blank=True)
    recorded_by = models.CharField(max_length=80)
    recorded_at = models.DateTimeField()

    class Meta:
        abstract = True
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(supersedes__isnull=True, is_void=False)
                | Q(supersedes__isnull=False) & ~Q(reason=""),
                name="%(class)s_change_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(why__in=["", *CORRECTION_REASONS]), name="%(class)s_why_is_known"
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="kept_for_ever", operation=pgtrigger.Update | pgtrigger.Delete),
        ]


class Diagnosis(BeforeTrial):
    code = models.CharField(
        max_length=8, help_text="ICD-10-CM, such as M96.1; the format is checked, not the code"
    )
    body_region = models.CharField("region", max_length=20, choices=dict(BODY_REGIONS))
    diagnosed_on = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta(BeforeTrial.Meta):
        verbose_name_plural = "diagnoses"
        constraints = [
            *BeforeTrial.Meta.constraints,
            models.CheckConstraint(
                condition=Q(code__regex=DIAGNOSIS_FORMAT),
                name="diagnosis_has_format",
                violation_error_message="Write an ICD-10-CM code, such as M96.1.",
            ),
            models.CheckConstraint(
                condition=Q(body_region__in=list(BODY_REGIONS)), name="diagnosis_region_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} ({self.get_body_region_display()})"


class PainRegions(BeforeTrial):
    """Where it hurts, as codes of the body map; one set at a time."""

    regions = models.JSONField(help_text="Codes of the body map")

    class Meta(BeforeTrial.Meta):
        verbose_name = verbose_name_plural = "pain regions"
        constraints = [
            *BeforeTrial.Meta.constraints,
            models.CheckConstraint(
                condition=Q(regions__contained_by=list(BODY_REGIONS)), name="pain_regions_are_known"
            ),
            models.UniqueConstraint(
                fields=["patient"], condition=Q(supersedes__isnull=True), name="one_line_of_pain_regions"
            ),
        ]

    def __str__(self) -> str:
        return ", ".join(BODY_REGIONS[code] for code in BODY_REGIONS if code in self.regions) or "none marked"


class ConservativeTherapy(BeforeTrial):
    kind = models.CharField("class", max_length=20, choices=THERAPY_CLASSES)
    agent = models.CharField("agent or kind", max_length=60, blank=True)
    level = models.CharField("level and approach", max_length=60, blank=True)
    started_on = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    dose_mg = models.DecimalField(
        "highest dose, mg a day", max_digits=7, decimal_places=2, null=True, blank=True
    )
    weeks_at_dose = models.DecimalField(max_digits=5, decimal_places=1, null=True, blank=True)
    sessions = models.PositiveSmallIntegerField(null=True, blank=True)
    positive_blocks = models.PositiveSmallIntegerField(
        "positive sets of diagnostic blocks", null=True, blank=True
    )
    block_relief = models.DecimalField("least relief of the blocks, %", null=True, blank=True, **PERCENT)
    relief = models.DecimalField("relief, %", null=True, blank=True, **PERCENT)
    relief_weeks = models.DecimalField(
        "relief lasted, weeks", max_digits=5, decimal_places=1, null=True, blank=True
    )
    outcome = models.CharField(max_length=20, choices=THERAPY_OUTCOMES, blank=True)
    stated_adequate = models.BooleanField("stated adequate by a clinician", null=True, blank=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta(BeforeTrial.Meta):
        verbose_name_plural = "conservative therapies"
        constraints = [
            *BeforeTrial.Meta.constraints,
            models.CheckConstraint(
                condition=Q(kind__in=list(THERAPY_CLASSES)), name="therapy_class_is_known"
            ),
            models.CheckConstraint(
                condition=Q(outcome="") | Q(outcome__in=list(THERAPY_OUTCOMES)),
                name="therapy_outcome_is_known",
            ),
            models.CheckConstraint(
                condition=Q(started_on__isnull=False, ended_on__isnull=True)
                | Q(started_on__isnull=False, ended_on__gte=F("started_on"))
                | Q(
                    started_on__isnull=True,
                    ended_on__isnull=True,
                    outcome__in=sorted(code.value for code in NEVER_BEGUN),
                ),
                name="therapy_has_sound_dates",
                violation_error_message="The end lies before the start, or a start is missing: only "
                "what never began (contraindicated, declined, no access) has none.",
            ),
            models.CheckConstraint(
                condition=in_percent("block_relief"),
                name="block_relief_is_percent",
                violation_error_message="Relief is from 0 to 100 percent.",
            ),
            models.CheckConstraint(
                condition=Q(relief__isnull=True) | Q(relief__lte=100),
                name="therapy_relief_is_percent",
                violation_error_message="Relief is at most 100 percent.",
            ),
            models.CheckConstraint(
                condition=not_below_zero("dose_mg"),
                name="therapy_dose_from_0",
                violation_error_message="A dose is not below 0.",
            ),
            models.CheckConstraint(
                condition=not_below_zero("weeks_at_dose"),
                name="therapy_weeks_from_0",
                violation_error_message="A number of weeks is not below 0.",
            ),
            models.CheckConstraint(
                condition=not_below_zero("relief_weeks"),
                name="relief_weeks_from_0",
                violation_error_message="A number of weeks is not below 0.",
            ),
        ]

    def __str__(self) -> str:
        agent = f": {self.agent}" if self.agent else ""
        return f"{self.get_kind_display()}{agent}"


class PriorAuthorisation(BeforeTrial):
    number = models.CharField(max_length=60)
    payer = models.CharField(max_length=120)
    granted_on = models.DateField(null=True, blank=True)
    expires_on = models.DateField()

    class Meta(BeforeTrial.Meta):
        constraints = [
            *BeforeTrial.Meta.constraints,
            models.CheckConstraint(condition=~Q(number="") & ~Q(payer=""), name="authorisation_is_named"),
            models.CheckConstraint(
                condition=Q(granted_on__isnull=True) | Q(granted_on__lte=F("expires_on")),
                name="authorisation_expires_after_grant",
                violation_error_message="It ends before it was granted.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.payer} {self.number}"

    def has_expired(self, on: date) -> bool:
        return self.expires_on < on
