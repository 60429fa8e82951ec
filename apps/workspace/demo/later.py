"""What came after a trial of the demo: the signed decision, the implant, visits, a revision, an explant.

It goes through the doors that staff use: the signature, the forms of the implant page, the table of steps.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django import forms

from apps.accounts.models import Role, User
from apps.audit.services import record
from apps.outcomes.deciding import Hand, sign_decision
from apps.outcomes.services import assess
from apps.outcomes.standing import screen_of
from apps.trials.models import Explant, FollowUp, PermanentImplant, Revision, StimulationTrial
from apps.trials.services import move_trial
from apps.workspace.demo.cast import ACTOR, Login
from apps.workspace.demo.plot import Later, Story
from apps.workspace.implant import ExplantForm, FollowUpForm, ImplantForm, RevisionForm
from sctrial.aftercare import due_on
from sctrial.phases import Phase

#: Days from the last evening to the signature: every diary window has closed.
THINKING: Final = timedelta(days=3)
NOON: Final = time(12)
#: Printed on the signed page: nobody typed anything.
FACTORS: Final = ("made up for the demo",)
GENERATOR: Final = "Invented generator"


class LaterRefused(RuntimeError):
    """A form did not take what the story tells: the story breaks a rule of the record."""


def tell_later(trial: StimulationTrial, *, story: Story) -> None:
    if story.later is None:
        return
    ended = story.day(story.last)
    _Afterwards(trial, story, story.later, ended).run()


@dataclass
class _Afterwards:
    trial: StimulationTrial
    story: Story
    later: Later
    ended: date

    def run(self) -> None:
        self._sign(self._noon(self.ended + THINKING))
        if self.later.implanted_after is not None:
            self._implant(self.ended + timedelta(days=self.later.implanted_after))

    def _noon(self, day: date) -> datetime:
        return datetime.combine(day, NOON, ZoneInfo(self.trial.clinic.zone))

    def _sign(self, at: datetime) -> None:
        """By the clinic's clinician, on the verdict of that day."""
        assess(self.trial.pk, at=at)
        trial = StimulationTrial.objects.select_related("patient", "clinic").get(pk=self.trial.pk)
        screen = screen_of(trial)
        signer = User.objects.get(username=Login(self.story.clinic, Role.CLINICIAN).username)
        hand = Hand(signer, FACTORS, at, screen.digest if screen else "")
        code, words = self.later.against
        sign_decision(trial, choice=self.later.choice, hand=hand, reason_code=code, reason=words)

    def _implant(self, day: date) -> None:
        facts = {"trial": self._now().pk, "implanted_on": day, "generator": GENERATOR}
        facts["identifier"] = f"INVENTED-{self.story.pseudonym}"
        implant = self._keep(ImplantForm(facts), on=day)
        move_trial(self.trial, to=Phase.IMPLANTED, by=ACTOR, at=self._noon(day))
        for month, pain in self.later.visits.items():
            self._visit(implant, month=month, pain=pain)
        self._operate_again(implant)

    def _operate_again(self, implant: PermanentImplant) -> None:
        if self.later.revised:
            on, why = self._after(implant, self.later.revised)
            form: forms.ModelForm = RevisionForm(
                {"revised_on": on, "reason": why}, instance=Revision(implant=implant)
            )
            self._keep(form, on=on)
        if self.later.explanted:
            on, why = self._after(implant, self.later.explanted)
            form = ExplantForm({"explanted_on": on, "reason": why}, instance=Explant(implant=implant))
            self._keep(form, on=on)
            told = "as the story has it"
            move_trial(self.trial, to=Phase.EXPLANTED, by=ACTOR, at=self._noon(on), reason=told)

    def _after(self, implant: PermanentImplant, told: tuple[int, str]) -> tuple[date, str]:
        return implant.implanted_on + timedelta(days=told[0]), told[1]

    def _visit(self, implant: PermanentImplant, *, month: int, pain: int) -> None:
        day = due_on(implant.implanted_on, month=month)
        is_good = pain <= min(self.later.visits.values()) + 1
        facts = {"month": month, "seen_on": day, "pain": pain, "satisfied": is_good}
        facts["function"] = "better" if is_good else "same"
        self._keep(FollowUpForm(facts, instance=FollowUp(implant=implant)), on=day)
        if self._now().phase == Phase.IMPLANTED:
            move_trial(self.trial, to=Phase.FOLLOW_UP, by=ACTOR, at=self._noon(day))

    def _now(self) -> StimulationTrial:
        return StimulationTrial.objects.get(pk=self.trial.pk)

    def _keep(self, form: forms.ModelForm, *, on: date) -> Any:
        if not form.is_valid():
            raise LaterRefused(f"{self.story.title}: {form.errors.as_text()}")
        row = form.save()
        record(
            action="create",
            object_type=row._meta.model_name,
            object_id=row.pk,
            by=ACTOR,
            at=self._noon(on),
            clinic_id=self.trial.clinic_id,
            detail={"fields": sorted(form.changed_data)},
        )
        return row
