"""The decision on the trial page: what is signed, with which meaning; and what was signed already."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo

from django import forms

from apps.accounts.factors import CODE, PASSKEY, PASSWORD, RECOVERY
from apps.outcomes.deciding import choices_for, waits_among
from apps.outcomes.models import Assessment, Decision, Signature
from apps.outcomes.models.decisions import CHOICES
from apps.outcomes.standing import change_in_words, is_valid, screen_of, signed_events, standing_among
from apps.trials.models import StimulationTrial
from apps.workspace.permissions import Access
from apps.workspace.spoken import speak
from sctrial.choices import AGAINST_REASONS, MEANING_WORDS, Meaning
from sctrial.phases import Phase

RESOURCE: Final = "outcomes.decision"
FACTORS: Final = {PASSWORD: "password", CODE: "one-time code", RECOVERY: "recovery code", PASSKEY: "passkey"}
UNCHOSEN: Final = ("", "---------")
AFTER: Final = frozenset(
    {
        Phase.DECISION_PENDING,
        Phase.DECIDED,
        Phase.IMPLANTED,
        Phase.FOLLOW_UP,
        Phase.EXPLANTED,
        Phase.WITHDRAWN,
    }
)


#: They prove a person, and never come back.
SECRET: Final = frozenset({"password", "code", "passkey"})
TOLD: Final = ("choice", "reason_code", "reason")


class HandForm(forms.Form):
    """Who signs what was shown. A password never comes back in a page."""

    meaning: ClassVar[Meaning] = Meaning.COUNTERSIGNED

    shown = forms.CharField(max_length=80, widget=forms.HiddenInput)
    username = forms.CharField(label="Your user name", max_length=150)
    password = forms.CharField(
        label="Your password", max_length=500, widget=forms.PasswordInput(attrs={"autocomplete": "off"})
    )
    code = forms.CharField(
        label="Code of your second factor",
        required=False,
        max_length=20,
        help_text="Needed for the first signature of a session, and 15 minutes after the last one; "
        "or sign with a passkey.",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )
    passkey = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, shown: str = "") -> None:
        super().__init__(data, initial={"shown": shown}, auto_id=f"{type(self).__name__}-%s")
        speak(self)

    @property
    def typed(self) -> list[tuple[str, str]]:
        """What to say again elsewhere, by label: a choice in its words."""
        said = ((self.fields[name], self.initial.get(name, "")) for name in TOLD if name in self.fields)
        return [(str(field.label), _words(field, value)) for field, value in said if value]


def _words(field: forms.Field, value: str) -> str:
    choices: Any = field.choices if isinstance(field, forms.ChoiceField) else ()
    return str(dict(choices).get(value, value))


class DecisionForm(HandForm):
    meaning = Meaning.DECIDED
    choice = forms.ChoiceField(label="Decision", choices=[UNCHOSEN, *CHOICES.items()])
    reason_code = forms.ChoiceField(
        label="Why, if it goes against the verdict",
        required=False,
        choices=[UNCHOSEN, *AGAINST_REASONS.items()],
    )
    reason = forms.CharField(
        label="In words", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )
    field_order = ("choice", "reason_code", "reason", "username", "password", "code", "passkey", "shown")

    def __init__(self, data: Any = None, *, shown: str = "", offered: Mapping[str, str] = CHOICES) -> None:
        super().__init__(data, shown=shown)
        choice: Any = self.fields["choice"]
        choice.choices = [one for one in choice.choices if one[0] in {UNCHOSEN[0], *offered}]


class ReopenForm(HandForm):
    meaning = Meaning.REOPENED
    reason = forms.CharField(label="Reason", max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    field_order = ("reason", "username", "password", "code", "passkey", "shown")


def again_after(form: HandForm) -> HandForm:
    """The same form with what was typed into it, but for what proves a person."""
    again = type(form)(shown=form.data.get("shown", ""))
    again.initial.update({name: form.data.get(name, "") for name in form.fields if name not in SECRET})
    return again


@dataclass(frozen=True, slots=True)
class Event:
    """One signature as it is printed."""

    row: Signature
    is_valid: bool

    @property
    def meaning(self) -> str:
        return self.row.get_meaning_display()

    @property
    def factors(self) -> list[str]:
        return [FACTORS.get(factor, factor) for factor in self.row.factors]

    @property
    def says(self) -> str:
        return MEANING_WORDS[Meaning(self.row.meaning)]

    @property
    def local(self) -> str:
        return f"{self.row.signed_at.astimezone(ZoneInfo(self.row.zone)):%d %b %Y %H:%M:%S} {self.row.zone}"


@dataclass(frozen=True, slots=True)
class Panel:
    """What the trial page shows of the decision."""

    standing: Decision | None = None
    events: list[Event] = field(default_factory=list)
    #: "Would now differ", or another change since the signature.
    changed: str = ""
    shown: str = ""
    waits: list[str] = field(default_factory=list)
    may_sign: bool = False
    says: str = ""
    form: HandForm | None = None
    countersigning: HandForm | None = None
    reopening: HandForm | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """What the page has read: the verdicts, whether they are current, and the answers to ``WAITING``."""

    rows: Sequence[Assessment]
    is_fresh: bool
    found: Mapping[str, Any]


def panel_of(trial: StimulationTrial, *, judged: Judged, access: Access, at: datetime) -> dict[str, Any]:
    """``panel``, once there is something to decide or something decided."""
    if Phase(trial.phase) not in AFTER or not access.may("view", resource=RESOURCE, clinic=trial.clinic_id):
        return {}
    may_sign = access.may("add", resource=RESOURCE, clinic=trial.clinic_id)
    events = events_of(trial)
    if trial.phase == Phase.DECISION_PENDING:
        return {"panel": _to_sign(trial, events=events, judged=judged, may_sign=may_sign, at=at)}
    return {"panel": _signed(trial, events=events, judged=judged, may_sign=may_sign)}


def events_of(trial: StimulationTrial) -> list[Event]:
    return [Event(row, is_valid(row)) for row in signed_events(trial)]


def _to_sign(
    trial: StimulationTrial, *, events: list[Event], judged: Judged, may_sign: bool, at: datetime
) -> Panel:
    screen = screen_of(trial, rows=judged.rows)
    shown = screen.digest if screen else ""
    kept_back = waits_among(judged.found, trial=trial, is_fresh=judged.is_fresh, at=at)
    waits = [remedy for _, is_so, remedy in kept_back if is_so]
    form = DecisionForm(shown=shown, offered=choices_for(trial)) if may_sign and shown and not waits else None
    says = MEANING_WORDS[Meaning.DECIDED]
    return Panel(events=events, shown=shown, waits=waits, may_sign=may_sign, says=says, form=form)


def _signed(trial: StimulationTrial, *, events: list[Event], judged: Judged, may_sign: bool) -> Panel:
    standing = standing_among([event.row for event in events])
    if standing is None:
        return Panel(events=events)
    open_still = may_sign and trial.phase == Phase.DECIDED
    signed = [event for event in events if event.row.decision_id == standing.pk]
    has_second = any(event.row.meaning == Meaning.COUNTERSIGNED for event in signed)
    screen = screen_of(trial, rows=judged.rows)
    changed = change_in_words(standing, screen=screen, is_fresh=judged.is_fresh)
    return Panel(
        standing=standing,
        events=events,
        changed=changed,
        may_sign=may_sign,
        says=MEANING_WORDS[Meaning.COUNTERSIGNED],
        countersigning=HandForm(shown=screen.digest)
        if open_still and screen and not has_second and not changed
        else None,
        reopening=ReopenForm(shown=signed[0].row.digest) if open_still else None,
    )
