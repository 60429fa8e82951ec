"""The form of a trial: what may be written is asked of the policies, and the answer stands at its field."""

from collections.abc import Iterator, Mapping
from copy import copy
from datetime import date
from typing import Any, ClassVar

from django import forms

from apps.diary.answer_words import SHORT, codes_in
from apps.diary.wording import wording
from apps.trials.models import StimulationTrial, label
from apps.trials.policies import (
    FIXED_BY_SIGNATURE,
    PROTOCOL_FIELDS,
    CannotChange,
    check_can_change,
    check_repeat,
    check_signed,
)
from apps.trials.rules import read_rulebook
from apps.trials.whys import require_why, why_code_field, why_field
from apps.workspace.codes import CodesField
from apps.workspace.target import IN_WORDS, UNSAID, target_field
from sctrial.criteria import RuleSet
from sctrial.phases import EndReason
from sctrial.questions import OPTIONAL, NotAnAnswer, read_text
from sctrial.schedule import UnknownSchedule, parse_schedule

EVENING = "18:00-24:00"
NO_SUCH_PATIENT = (
    "There is no such patient here, or the identity was erased, so no trial is added. "
    "Add the person as a new patient."
)


class TrialForm(forms.ModelForm):
    #: Where the person may add a trial: the own rule sets of these clinics are offered for a new one.
    clinics: ClassVar[frozenset[int]] = frozenset()
    #: On the clinic's calendar.
    today: ClassVar[date] = date.max

    why_code = why_code_field()
    why = why_field()

    class Meta:
        model = StimulationTrial
        fields = (
            "patient",
            "modality",
            "repeat_number",
            "target_regions",
            "target_area",
            "scale",
            "rule_set_id",
            "baseline_window",
            "trial_window",
            "several",
            "day_starts_at_hour",
            "diary_windows",
            "goal",
            "other_regions",
            "left_out",
            "referred_by",
            "referred_on",
            "phase",
            "diary_from",
            "planned_end_on",
            "lead_placed_on",
            "ended_on",
            "end_reason",
            "technical_cause",
        )
        labels = {
            "target_area": "Target, in words",
            "rule_set_id": "Rule set",
            "several": "Several scores a day",
            "day_starts_at_hour": "Day starts at hour",
            "diary_windows": "Diary open at",
            "other_regions": "Pain elsewhere",
            "left_out": "Questions left out",
            "goal": "The patient's own goal",
            "referred_by": "Referred by",
            "referred_on": "Referred on",
            "diary_from": "Diary from",
            "planned_end_on": "Planned end",
            "lead_placed_on": "Leads placed on",
            "ended_on": "Ended on",
        }
        help_texts = {
            "target_area": IN_WORDS,
            "baseline_window": "last-n-days:7, whole-phase or exclude-first-n-days:2",
            "trial_window": "last-n-days:3, whole-phase or exclude-first-n-days:2",
            "patient": "The patient's clinic becomes the trial's.",
            "diary_windows": "On the patient's clock: 18:00-24:00, or 07:00-10:00, 18:00-24:00. "
            "Empty: any time, and as often as the patient likes.",
            "other_regions": "Asked every day beside the target pain; no verdict looks at them.",
            "left_out": "Target pain and warning signs are always asked.",
            "goal": "In the patient's words, such as: walk to the bakery. Without it no activity is asked.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Read before validation writes the sent values into the instance.
        self.stored = copy(self.instance) if self.is_kept else self.instance
        if "rule_set_id" in self.fields:
            rules = self._rules()
            self._offer("rule_set_id", ((rule.id, f"{rule.title} ({rule.id})") for rule in rules))
        self._offer_target()
        self._offer_codes("other_regions", wording("en").regions)
        self._offer_codes("left_out", {code: SHORT[code] for code in OPTIONAL})
        if not self.is_kept and "diary_windows" in self.fields:
            self.fields["diary_windows"].initial = EVENING
            self.initial.setdefault("diary_windows", EVENING)

    @property
    def is_kept(self) -> bool:
        return not self.instance._state.adding

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.is_kept and data.get("patient"):
            # Whose own rule sets are known is a question about the clinic.
            self.instance.clinic = data["patient"].clinic
            self._check_repeat(data)
        self._read_windows(data)
        if {"target_regions", "target_area"} <= data.keys() and not (
            data["target_regions"] or data["target_area"]
        ):
            self.add_error("target_area", UNSAID)
        for name in sorted(PROTOCOL_FIELDS & data.keys()):
            self._check_protocol(name, data[name])
        # As a list: adding an error takes its field out of the data that is being compared.
        for name, error in list(self._found(data)):
            self.add_error(name if name in self.fields else None, error)
        if self.is_kept:
            self._check_signed(data)
            require_why(self, self.stored)
        return data

    def _found(self, data: dict[str, Any]) -> Iterator[tuple[str, str]]:
        yield from _contradictions(data, phase=data.get("phase") or self.stored.phase)
        for name in ("referred_on", "lead_placed_on", "ended_on"):
            if data.get(name) and data[name] > self.today:
                yield name, f"{data[name]} is still to come."

    def _check_signed(self, data: dict[str, Any]) -> None:
        for name in sorted(FIXED_BY_SIGNATURE & data.keys() & set(self.changed_data)):
            try:
                check_signed(self.stored, changes={name: data[name]})
            except CannotChange as error:
                self.add_error(name, sentence(error))

    def clean_goal(self) -> str:
        goal: str = self.cleaned_data["goal"]
        try:
            return read_text(goal) if goal else ""
        except NotAnAnswer as error:
            raise forms.ValidationError(f"{error}.") from None

    def _check_repeat(self, data: dict[str, Any]) -> None:
        try:
            check_repeat(data["patient"], repeat_number=data.get("repeat_number") or 0)
        except CannotChange as error:
            words = f"{error}."
            self.add_error("repeat_number", words[0].upper() + words[1:])

    def _read_windows(self, data: dict[str, Any]) -> None:
        """As the schedule itself would write them; they hang on the hour at which the day starts."""
        if "diary_windows" not in data or "day_starts_at_hour" in self.errors:
            return
        hour = data.get("day_starts_at_hour", self.stored.day_starts_at_hour)
        try:
            data["diary_windows"] = str(parse_schedule(data["diary_windows"], day_starts_at_hour=hour or 0))
        except UnknownSchedule as error:
            self.add_error("diary_windows", f"{error}.")

    def _check_protocol(self, name: str, value: Any) -> None:
        rule_set_id = self.cleaned_data.get("rule_set_id") or self.stored.rule_set_id
        if not rule_set_id:
            return
        try:
            check_can_change(self.stored, changes={"rule_set_id": rule_set_id, name: value})
        except (ValueError, LookupError) as error:
            self.add_error(name, str(error))

    def _rules(self) -> list[RuleSet]:
        """The rule in use, and all whose end is not known."""
        clinics = {self.stored.clinic_id} if self.is_kept else self.clinics
        rulebook = read_rulebook(clinics)
        rules = {rule.id: rule for clinic in (None, *clinics) for rule in rulebook.rules_of(clinic).values()}
        in_use = self.stored.rule_set_id
        return [rule for rule in rules.values() if rule.in_force_to is None or rule.id == in_use]

    def _offer(self, name: str, choices: Any) -> None:
        if name in self.fields:
            field = self.fields[name]
            self.fields[name] = forms.ChoiceField(
                choices=list(choices), label=field.label, help_text=field.help_text
            )

    def _offer_target(self) -> None:
        if "target_regions" in self.fields:
            known = self.stored.patient if self.is_kept else None
            self.fields["target_regions"] = target_field(
                "Target", patient=known, chosen=self.stored.target_codes
            )

    def _offer_codes(self, name: str, known: Mapping[str, str]) -> None:
        """The known codes, and those that stand in the trial already."""
        if name not in self.fields:
            return
        kept = codes_in(getattr(self.stored, name))
        unknown = {code: code.replace("_", " ") for code in kept if code not in known}
        field = self.fields[name]
        self.fields[name] = CodesField(
            known={**known, **unknown}, label=field.label, help_text=field.help_text
        )


def _contradictions(data: dict[str, Any], *, phase: str) -> Iterator[tuple[str, str]]:
    """A date that a step has set may be corrected and never taken away; what hangs together stays so."""
    now = f"'{label(phase)}'"
    if "lead_placed_on" in data and not data["lead_placed_on"]:
        yield "lead_placed_on", f"A trial that is {now} has a day on which leads were placed."
    if "ended_on" in data and not data["ended_on"]:
        yield "ended_on", f"A trial that is {now} has a day on which it ended."
    if "end_reason" in data and not data["end_reason"]:
        yield "end_reason", "Say why the trial ended."
    if "technical_cause" in data:
        failed = data.get("end_reason") == EndReason.TECHNICAL_FAILURE.value
        if failed and not data["technical_cause"]:
            yield "technical_cause", "Say what failed."
        if data["technical_cause"] and not failed:
            yield "technical_cause", "Only a technical failure has a cause of this kind."
    yield from _order(data)


def _order(data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    first, placed, ended = (data.get(name) for name in ("diary_from", "lead_placed_on", "ended_on"))
    if first and placed and placed < first:
        yield "lead_placed_on", "Leads cannot be placed before the diary begins."
    if placed and ended and ended < placed:
        yield "ended_on", "A trial cannot end before its leads were placed."


def sentence(error: Exception) -> str:
    """The other capital letters stay."""
    words = str(error)
    return f"{words[0].upper()}{words[1:]}."
