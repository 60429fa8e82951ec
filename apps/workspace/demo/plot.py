"""What a made-up trial is made of. Days are counted from the day of lead placement, which is day 0."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from apps.workspace.demo.cast import DemoClinic
from sctrial.choices import Choice
from sctrial.phases import EndReason
from sctrial.scales import TARGET

#: What one person said of one day, morning to evening.
Said = Sequence[int]


@dataclass(frozen=True)
class Program:
    """``last`` is None while the program still runs."""

    name: str
    waveform: str
    frequency_hz: int
    first: int
    last: int | None
    contacts: str = ""
    coverage_percent: int | None = None


@dataclass(frozen=True)
class Mishap:
    day: int
    code: str
    severity: str
    serious: bool
    description: str
    #: What else the clinic codes, by field.
    coded: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Later:
    """What came after the trial. ``visits``: pain by month; days count from the implant."""

    choice: Choice
    #: Code and words, where the choice goes against the verdict.
    against: tuple[str, str] = ("", "")
    #: Days from the end of the trial to the implant.
    implanted_after: int | None = None
    visits: Mapping[int, int] = field(default_factory=dict)
    revised: tuple[int, str] | None = None
    explanted: tuple[int, str] | None = None


@dataclass(frozen=True)
class Story:
    """``scores``: per region, per day, the answers of that day; ``doses``: MME a day before and during."""

    title: str
    clinic: DemoClinic
    pseudonym: str
    full_name: str
    leads_on: date
    scores: Mapping[str, Mapping[int, Said]]
    doses: tuple[int, int]
    #: As trials were written before a target was chosen on the body map; empty: what is marked there.
    target_area: str = ""
    modality: str = "SCS"
    #: Where the leads lie: a spinal level, or a ganglion.
    level: str = "T9"
    baseline_window: str = "last-n-days:7"
    trial_window: str = "last-n-days:3"
    satisfied: bool | None = None
    end: EndReason | None = None
    programs: Sequence[Program] = ()
    mishaps: Sequence[Mishap] = ()
    zones: Mapping[int, str] = field(default_factory=dict)
    #: The patient's own percent, on the last evening.
    stated: int | None = None
    technical_cause: str = ""
    repeat_number: int = 1
    #: None: the decision is still to come.
    later: Later | None = None

    @property
    def name(self) -> str:
        """Once in the whole demo."""
        return self.pseudonym if self.repeat_number == 1 else f"{self.pseudonym}/{self.repeat_number}"

    def day(self, number: int) -> date:
        return self.leads_on + timedelta(days=number)

    def zone_on(self, number: int) -> str:
        """The zone last entered; at home where the story tells of no journey."""
        entered = [since for since in self.zones if since <= number]
        return self.zones[max(entered)] if entered else self.clinic.zone

    @property
    def answers_once(self) -> bool:
        """Whether nobody in it answers a question twice a day."""
        return all(len(said) == 1 for days in self.scores.values() for said in days.values())

    @property
    def first(self) -> int:
        return min(self.scores[TARGET])

    @property
    def last(self) -> int:
        return max(self.scores[TARGET])


def before(*scores: int) -> dict[int, Said]:
    """One answer a day up to the evening before the leads."""
    return {number - len(scores): (score,) for number, score in enumerate(scores)}


def after(*scores: int) -> dict[int, Said]:
    """One answer a day from the day of the leads."""
    return {number: (score,) for number, score in enumerate(scores)}
