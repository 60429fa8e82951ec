"""A question with its timetable as a form."""

import calendar
from typing import Any

from django import forms

from apps.accounts.models import Clinic
from apps.cohorts.forms import QuestionForm
from apps.cohorts.models.reports import AUDIENCES
from apps.cohorts.models.schedules import SCHEDULED_FORMS
from apps.cohorts.scheduling import SCHEDULE
from apps.cohorts.timetable import LAST_DAY, MONTH, WEEK
from apps.workspace.permissions import Access

WEEKDAYS = [(f"{WEEK}-{n}", f"Every {calendar.day_name[n - 1]}") for n in range(1, 8)]
MONTHDAYS = [(f"{MONTH}-{n}", f"Day {n} of every month") for n in range(1, 29)]
DAYS = [*WEEKDAYS, *MONTHDAYS, (f"{MONTH}-{LAST_DAY}", "Last day of every month")]
#: What is made, and in which form or for whom it leaves.
SNAPSHOTS = [(f"snapshot-{code}", f"Snapshot: {words[0].lower()}{words[1:]}")
             for code, words in SCHEDULED_FORMS.items()]  # fmt: skip
REPORTS = [(f"report-{code}", f"Report (PDF, JSON): {words[0].lower()}{words[1:]}")
           for code, words in AUDIENCES.items()]  # fmt: skip


class ScheduleForm(QuestionForm):
    """The question, what is made of it, and when."""

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, access=access, **kwargs)
        clinics = Clinic.objects.filter(pk__in=access.clinics("add", resource=SCHEDULE))
        self.fields["makes"] = forms.ChoiceField(label="Make", choices=[*SNAPSHOTS, *REPORTS])
        self.fields["on"] = forms.ChoiceField(label="When", choices=DAYS)
        self.fields["hour"] = forms.TypedChoiceField(
            label="At", coerce=int, choices=[(n, f"{n:02}:00") for n in range(24)], initial=6
        )
        self.fields["clock"] = forms.TypedChoiceField(
            label="By the clock of",
            coerce=int,
            choices=[(clinic.pk, f"{clinic.name}, {clinic.zone}") for clinic in clinics],
        )

    def schedule(self) -> dict[str, Any]:
        """All but the question, as ``scheduling.make_schedule`` takes it."""
        makes, _, as_what = self.cleaned_data["makes"].partition("-")
        every, _, day = self.cleaned_data["on"].partition("-")
        leaves = {"form" if makes == "snapshot" else "audience": as_what}
        hour, clinic = self.cleaned_data["hour"], self.cleaned_data["clock"]
        return {"makes": makes, **leaves, "every": every, "day": int(day), "hour": hour, "clinic": clinic}
