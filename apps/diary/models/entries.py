"""Pain scores, imported files, and what the clinic itself notes of a day."""

from functools import reduce
from operator import or_

import pgtrigger
from django.db import models
from django.db.models import F, Q

from apps.audit.values import OF_ITS_TRIAL, values_kept
from apps.diary.models.captured import ORIGINATORS, Captured, captured_constraints, never_edited
from apps.trials.models import StimulationTrial
from sctrial.scales import SCALES, Scale, ScaleCode, ScoreKind

__all__ = ["ORIGINATORS", "SCORE_KINDS", "DiaryEntry", "DiaryImport", "OpioidUse", "QuestionnaireResponse"]

SCORE_KINDS = {kind.value: kind.value.capitalize() for kind in ScoreKind}


def on_scale(scale: Scale) -> Q:
    """The stored units that ``scale`` allows, as a database condition."""
    low, high = scale.to_units(scale.minimum), scale.to_units(scale.maximum)
    return Q(scale=scale.code.value, value__gte=low, value__lte=high)


class DiaryImport(models.Model):
    """One imported file: its digest, its mapping, and the report of what was taken and why not."""

    trial = models.ForeignKey(StimulationTrial, on_delete=models.PROTECT, related_name="imports")
    file_name = models.CharField(max_length=200)
    file_sha256 = models.CharField(max_length=64)
    mapping = models.TextField()
    report = models.JSONField()
    imported_at = models.DateTimeField()
    imported_by = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["trial", "file_sha256"], name="file_once_a_trial"),
        ]
        triggers = [
            pgtrigger.Protect(name="kept_for_ever", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.file_name


class DiaryEntry(Captured):
    """One answer. ``value`` counts the scale's own steps (``Scale.per_point`` to a point), so sums are exact.

    The diary day is fixed at acceptance and never derived again. Rows are not edited: a later answer
    supersedes an earlier one.
    """

    trial = models.ForeignKey(
        StimulationTrial, on_delete=models.PROTECT, related_name="entries", db_index=False
    )
    region = models.CharField(max_length=40)
    kind = models.CharField(max_length=10, choices=SCORE_KINDS)
    scale = models.CharField(max_length=30, choices={s.code.value: s.label for s in SCALES.values()})
    value = models.IntegerField()
    diary_import = models.ForeignKey(
        DiaryImport, on_delete=models.PROTECT, null=True, related_name="entries", db_index=False
    )
    line = models.PositiveIntegerField(null=True)
    supersedes = models.ForeignKey(
        "self",
        on_delete=models.DO_NOTHING,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="superseded_by",
    )

    class Meta:
        ordering = ["diary_day", "captured_at", "line", "id"]
        verbose_name_plural = "diary entries"
        indexes = [models.Index(fields=["trial", "diary_day"], name="entry_by_trial_day")]
        constraints = [
            models.CheckConstraint(
                condition=reduce(or_, map(on_scale, SCALES.values())), name="value_is_on_scale"
            ),
            models.CheckConstraint(condition=Q(kind__in=list(SCORE_KINDS)), name="kind_is_known"),
            models.CheckConstraint(
                condition=Q(originator="import", diary_import__isnull=False, line__isnull=False)
                | Q(
                    ~Q(originator="import"),
                    diary_import__isnull=True,
                    captured_at__isnull=False,
                    utc_offset_minutes__isnull=False,
                ),
                name="entry_has_its_instant",
            ),
            *captured_constraints("entry", question=["region", "kind"]),
            models.UniqueConstraint(
                fields=["trial", "diary_day", "window_no", "region", "kind"],
                condition=Q(supersedes__isnull=True, window_no__isnull=False),
                name="one_entry_a_region_kind_and_window",
            ),
            models.CheckConstraint(
                condition=Q(supersedes__isnull=True) | ~Q(supersedes=F("id")),
                name="entry_does_not_supersede_itself",
            ),
        ]
        triggers = never_edited()

    def __str__(self) -> str:
        return f"{self.diary_day} · {self.region} · {self.kind}"

    @property
    def score(self) -> str:
        """The answer on its own scale, as text: 7, or 3.2."""
        return f"{float(SCALES[ScaleCode(self.scale)].from_units(self.value)):g}"


class OpioidUse(models.Model):
    """Opioid dose of one day in morphine milligram equivalents, with the version of the factor table."""

    trial = models.ForeignKey(StimulationTrial, on_delete=models.PROTECT, related_name="opioid_use")
    day = models.DateField()
    mme = models.DecimalField(max_digits=7, decimal_places=2)
    table_version = models.CharField(max_length=40)
    is_void = models.BooleanField("struck out", default=False, db_default=False, editable=False)

    class Meta:
        ordering = ["day"]
        constraints = [
            models.UniqueConstraint(
                fields=["trial", "day"],
                condition=Q(is_void=False),
                name="one_dose_a_day",
                violation_error_message="That day has a dose already: correct it, or strike it out.",
            ),
            models.CheckConstraint(condition=Q(mme__gte=0), name="dose_is_not_negative"),
        ]
        triggers = values_kept(OF_ITS_TRIAL)

    def __str__(self) -> str:
        return f"{self.day} · {self.mme} MME"


class QuestionnaireResponse(models.Model):
    trial = models.ForeignKey(StimulationTrial, on_delete=models.PROTECT, related_name="responses")
    instrument = models.CharField(max_length=60)
    version = models.CharField(max_length=40)
    answered_on = models.DateField()
    answers = models.JSONField()
    is_void = models.BooleanField("struck out", default=False, db_default=False, editable=False)

    class Meta:
        ordering = ["answered_on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["trial", "instrument", "answered_on"],
                condition=Q(is_void=False),
                name="instrument_once_a_day",
            ),
        ]
        triggers = values_kept(OF_ITS_TRIAL)

    def __str__(self) -> str:
        return f"{self.instrument} · {self.answered_on}"
