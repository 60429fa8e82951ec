"""Older trials, decided and followed for months: what a cohort needs to have something to tell.

One row of the table is one trial. Means lie where no draw can move them across 50 percent.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final

from apps.workspace.demo.cast import NORTH, SOUTH, DemoClinic
from apps.workspace.demo.plot import Later, Mishap, Program, Story, after, before
from sctrial.choices import Choice
from sctrial.phases import EndReason
from sctrial.scales import TARGET

WEEK: Final = 7
TONIC: Final = Program("Program A", "tonic", 50, 0, None, contacts="2- 3+ 4-", coverage_percent=85)
BURST: Final = Program("Program A", "burst", 40, 0, None)
HF10: Final = Program("Program A", "hf10", 10_000, 0, None)
DRG: Final = Program("Program A", "drg_lf", 20, 0, None)
MIGRATION: Final = Mishap(
    2,
    "migration",
    "moderate",
    False,
    "The invented lead slipped by one contact",
    {"related_to": "device", "relation": "causal", "action": "reprogram", "outcome": "recovered"},
)
SORE: Final = Mishap(
    1,
    "lead_site_pain",
    "mild",
    False,
    "Sore where the invented lead leaves the skin",
    {"related_to": "procedure", "relation": "probable", "action": "none", "outcome": "recovered"},
)


@dataclass(frozen=True)
class Older:
    """``pain``: lowest and highest score of a day before the leads, then with them."""

    pseudonym: str
    name: str
    area: str
    weeks_ago: int
    pain: tuple[int, int, int, int]
    program: Program
    end: EndReason
    later: Later
    stated: int | None = None
    satisfied: bool | None = True
    days: int = WEEK
    mishaps: tuple[Mishap, ...] = ()
    technical_cause: str = ""
    repeat_number: int = 1

    @property
    def clinic(self) -> DemoClinic:
        return NORTH if self.pseudonym.startswith("N") else SOUTH

    def tell(self, rng: Random, today: date) -> Story:
        low, high, lower, higher = self.pain
        is_drg = self.program is DRG
        return Story(
            f"Older: {self.later.choice.value.replace('_', ' ')}, {self.weeks_ago} weeks ago",
            self.clinic,
            self.pseudonym,
            f"Demo Patient {self.name}",
            today - timedelta(weeks=self.weeks_ago),
            {
                TARGET: before(*(rng.randint(low, high) for _ in range(WEEK)))
                | after(*(rng.randint(lower, higher) for _ in range(self.days)))
            },
            doses=(20, 20),
            target_area=self.area,
            modality="DRG" if is_drg else "SCS",
            level="L4" if is_drg else "T9",
            satisfied=self.satisfied,
            end=self.end,
            programs=(self.program,),
            mishaps=self.mishaps,
            stated=self.stated,
            technical_cause=self.technical_cause,
            repeat_number=self.repeat_number,
            later=self.later,
        )


SUCCESS: Final = EndReason.SUCCESS
LITTLE: Final = EndReason.FAILURE_INADEQUATE_RELIEF
NOT_MORE: Final = Later(Choice.NO_IMPLANT)


def _implanted(after_days: int, *pains: int, **more: tuple[int, str]) -> Later:
    """``pains`` at the visits of months 1, 3, 6 and 12, as far as there were any."""
    visits = dict(zip((1, 3, 6, 12), pains, strict=False))
    return Later(Choice.IMPLANT, implanted_after=after_days, visits=visits, **more)  # type: ignore[arg-type]


AGAINST_VERDICT: Final = Later(
    Choice.IMPLANT,
    against=("other_gain", "Walks twice as far as before"),
    implanted_after=40,
    visits={1: 4, 3: 5},
)
DECLINED: Final = Later(Choice.NO_IMPLANT, against=("patient_wish", "Does not want further surgery"))

# Baseline 7 at least and 3 at most with the leads is met; 8 at most against 5 at least is not.
OLDER: Final = (
    Older("N-11", "Fifteen", "Both legs after back surgery", 72, (7, 9, 1, 2), TONIC, SUCCESS,
          _implanted(21, 2, 2, 3, 3), stated=80),
    Older("N-12", "Sixteen", "Low back", 66, (7, 8, 2, 3), BURST, SUCCESS,
          _implanted(28, 3, 5, 6, explanted=(300, "lost_efficacy")), stated=60),
    Older("N-13", "Seventeen", "Low back and left leg", 59, (6, 8, 5, 6), TONIC, LITTLE,
          NOT_MORE, stated=30, satisfied=False),
    Older("N-14", "Eighteen", "Right foot, complex regional pain", 62, (7, 9, 2, 3), DRG, SUCCESS,
          _implanted(14, 3, 3, 2, 3, revised=(75, "migration")), stated=70, mishaps=(SORE,)),
    Older("N-15", "Nineteen", "Right leg after back surgery", 47, (7, 8, 2, 3), HF10, SUCCESS,
          _implanted(35, 2, 3, 4), stated=70, mishaps=(SORE,)),
    Older("N-16", "Twenty", "Left leg after back surgery", 45, (6, 8, 5, 7), TONIC, LITTLE,
          Later(Choice.REPEAT_TRIAL), stated=20, satisfied=False, mishaps=(MIGRATION,)),
    Older("N-16", "Twenty", "Left leg after back surgery", 38, (7, 8, 2, 3), BURST, SUCCESS,
          _implanted(30, 3, 3, 3), stated=60, repeat_number=2),
    Older("S-11", "Twenty-one", "Left foot, complex regional pain", 76, (7, 8, 1, 2), DRG, SUCCESS,
          _implanted(25, 2, 2, 3, 2), stated=80),
    Older("S-12", "Twenty-two", "Both feet, diabetic neuropathy", 68, (7, 9, 2, 3), HF10, SUCCESS,
          _implanted(30, 4, explanted=(48, "infection")), stated=50, mishaps=(SORE,)),
    Older("S-13", "Twenty-three", "Low back", 55, (7, 8, 5, 7), TONIC, EndReason.TECHNICAL_FAILURE,
          NOT_MORE, satisfied=None, days=3, mishaps=(MIGRATION,), technical_cause="migration"),
    Older("S-14", "Twenty-four", "Right knee after joint replacement", 50, (7, 9, 3, 3), DRG, SUCCESS,
          _implanted(50, 4, 3, 4), stated=40),
    Older("S-15", "Twenty-five", "Low back and both legs", 36, (7, 8, 4, 5), BURST, SUCCESS,
          AGAINST_VERDICT, stated=50),
    Older("S-16", "Twenty-six", "Right leg after back surgery", 31, (7, 8, 2, 3), TONIC, SUCCESS,
          DECLINED, stated=60),
)  # fmt: skip


def older(*, seed: int, today: date) -> list[Story]:
    return [
        row.tell(Random(f"{seed}/older/{row.pseudonym}/{row.repeat_number}"), today)  # noqa: S311 — nothing secret
        for row in OLDER
    ]
