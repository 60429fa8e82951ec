"""Questions that are asked again each week or month, and what came of each time."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import MD5

from apps.accounts.models import Clinic
from apps.cohorts.models.reports import AUDIENCES
from apps.cohorts.timetable import MONTH, WEEK, Timetable
from sctrial.deidentify_tables import Form

#: How tables leave on a timetable: never identified, for nobody gives a reason each time.
SCHEDULED_FORMS = {
    Form.STUDY_DAYS.value: "De-identified, study days",
    Form.SHIFTED.value: "De-identified, shifted dates",
}
MAKES = {"snapshot": "Snapshot of the tables", "report": "Cohort report (PDF, JSON)"}


class ScheduleState(models.TextChoices):
    ACTIVE = "active", "On"
    PAUSED = "paused", "Paused"
    STOPPED = "stopped", "Stopped"
    DELETED = "deleted", "Deleted"


class ReportSchedule(models.Model):
    """One person's question and its timetable. The clinics it means are written in it, and stay those."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    clinic = models.ForeignKey(
        Clinic, on_delete=models.PROTECT, related_name="+", help_text="Whose clock counts"
    )
    question = models.TextField()
    makes = models.CharField(max_length=8, choices=MAKES, default="snapshot")
    form = models.CharField(max_length=12, blank=True, choices=SCHEDULED_FORMS, help_text="Of a snapshot")
    audience = models.CharField(max_length=8, blank=True, choices=AUDIENCES, help_text="Of a report")
    every = models.CharField(max_length=5)
    day = models.PositiveSmallIntegerField()
    hour = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=8, choices=ScheduleState, default=ScheduleState.ACTIVE)
    stopped_because = models.TextField(blank=True)
    next_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0, help_text="Begun for the slot that is next")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=ScheduleState.values), name="schedule_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(makes="snapshot", form__in=list(SCHEDULED_FORMS), audience="")
                | Q(makes="report", form="", audience__in=list(AUDIENCES)),
                name="schedule_makes_one_thing",
            ),
            models.UniqueConstraint(
                "person",
                "clinic",
                "makes",
                "form",
                "audience",
                "every",
                "day",
                "hour",
                MD5("question"),
                condition=~Q(state=ScheduleState.DELETED),
                name="schedule_once_a_person",
            ),
            models.CheckConstraint(
                condition=Q(every=WEEK, day__range=(1, 7)) | Q(every=MONTH, day__range=(1, 31)),
                name="schedule_day_is_one",
            ),
            models.CheckConstraint(condition=Q(hour__lte=23), name="schedule_hour_is_one"),
            models.CheckConstraint(
                condition=~Q(state=ScheduleState.STOPPED) | ~Q(stopped_because=""),
                name="stopped_schedule_says_why",
            ),
        ]

    @property
    def timetable(self) -> Timetable:
        return Timetable(self.every, self.day, self.hour, self.clinic.zone)


class ReportRun(models.Model):
    """One slot of a timetable: its snapshot, its report in the making or made, or why there is none."""

    schedule = models.ForeignKey(ReportSchedule, on_delete=models.PROTECT, related_name="runs")
    due_at = models.DateTimeField()
    ran_at = models.DateTimeField()
    snapshot = models.ForeignKey("cohorts.Snapshot", null=True, on_delete=models.PROTECT, related_name="+")
    report = models.ForeignKey("cohorts.ReportJob", null=True, on_delete=models.PROTECT, related_name="+")
    error = models.TextField(blank=True)
    mailed_at = models.DateTimeField(null=True)
    mail_error = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["-due_at"]
        constraints = [
            models.UniqueConstraint(fields=["schedule", "due_at"], name="slot_once_a_schedule"),
            models.CheckConstraint(
                condition=Q(snapshot__isnull=False, report__isnull=True, error="")
                | Q(snapshot__isnull=True, report__isnull=False, error="")
                | Q(snapshot__isnull=True, report__isnull=True) & ~Q(error=""),
                name="run_has_one_thing_or_reason",
            ),
        ]
