"""Totals of licensed questionnaires that staff write down: no item and no word of it is kept here."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from django import forms

from apps.diary.models import QuestionnaireResponse
from sctrial.instruments import INSTRUMENTS, check_total
from sctrial.phases import DiaryPhase, diary_phase_of
from sctrial.scales import show_exactly

#: The instruments whose total goes by the instrument's own code and is asked for by a rule.
TRANSCRIBED: Final = ("odi",)


def is_total(row: QuestionnaireResponse) -> bool:
    return row.instrument in TRANSCRIBED


def total_words(instrument: str, total: str, *, version: str) -> str:
    (score,) = INSTRUMENTS[instrument].scores
    return f"{instrument.upper()} ({score.label}) {total}, version {version}"


def check_day(day: date, *, placed_on: date | None, today: date) -> None:
    """A total speaks of the time before the trial. Raises ValidationError."""
    if day > today:
        raise forms.ValidationError(f"{day} is still to come: check day and month.")
    if diary_phase_of(day, lead_placed_on=placed_on) is not DiaryPhase.BASELINE:
        raise forms.ValidationError(
            f"Not before the leads, which were placed on {placed_on}: a rule asks for the score from before."
        )


def total_field(instrument: str) -> forms.DecimalField:
    """As the instrument's own score: its ends come from the table of scores."""
    (score,) = INSTRUMENTS[instrument].scores
    low, high = (show_exactly(end) for end in (score.minimum, score.maximum) if end is not None)
    return forms.DecimalField(
        label=f"Total, {low} to {high}",
        min_value=Decimal(low),
        max_value=Decimal(high),
        decimal_places=2,
    )


def total_answers(instrument: str, said: Decimal) -> dict[str, Any]:
    """What a row keeps: written out, for a fraction in binary would be another number."""
    check_total(Fraction(said), score=instrument)
    return {"total": f"{said.normalize():f}"}
