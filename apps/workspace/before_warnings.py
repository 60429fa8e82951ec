"""What runs out, or has run out, before or while the leads go in. Told, never acted upon."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from apps.patients.models import EligibilityReview, PriorAuthorisation
from apps.trials.cautions import ANTICOAGULANT, INFECTION, NO_PLAN
from apps.trials.models import StimulationTrial
from sctrial.checklist import MRSA_DAYS, MRSA_SOURCE

#: So many days before an end it is told; a default of this project.
WARN_DAYS: Final = 14


@dataclass(frozen=True)
class Warnings:
    """``today`` is the clinic's; once the leads are in, their day decides."""

    trial: StimulationTrial
    review: EligibilityReview | None
    authorisations: Sequence[PriorAuthorisation]
    today: date

    @property
    def day(self) -> date:
        return self.trial.lead_placed_on or self.today

    def found(self) -> list[str]:
        return [*self._authorisations(), *(self._of_review(self.review) if self.review else ())]

    def _authorisations(self) -> Iterator[str]:
        for row in self.authorisations:
            yield from self._runs_out(f"The authorisation {row}", row.expires_on)

    def _of_review(self, review: EligibilityReview) -> Iterator[str]:
        if review.psych_expires_on:
            yield from self._runs_out("The psychological evaluation", review.psych_expires_on)
        age = None if review.mrsa_on is None else (self.day - review.mrsa_on).days
        if age is not None and age >= MRSA_DAYS:
            source = f"{MRSA_SOURCE.text} [{MRSA_SOURCE.mark.value}]"
            yield f"The MRSA screen is {age} days old {self._when}; {source}."
        if review.active_infection:
            yield INFECTION
        if review.anticoagulant == NO_PLAN:
            yield ANTICOAGULANT

    def _runs_out(self, what: str, last: date) -> Iterator[str]:
        left = (last - self.day).days
        if left < 0:
            yield f"{what} had run out {self._when}: it was valid until {last}."
        elif self.trial.lead_placed_on is None and left <= WARN_DAYS:
            yield f"{what} runs out in {left} days, on {last}."

    @property
    def _when(self) -> str:
        return "today" if self.trial.lead_placed_on is None else "when the leads went in"
