"""What the record warns of when the leads are to go in: told, and gone on from with a reason alone."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext

from apps.patients.models import EligibilityReview, PainRegions
from apps.trials.models import StimulationTrial
from sctrial.checklist import MRSA_DAYS, MRSA_SOURCE, unmarked

INFECTION: Final = "An infection is recorded as active."
ANTICOAGULANT: Final = "An anticoagulant is taken and no plan has been agreed."
TARGET: Final = "The target has regions that are not marked on the body map."
NO_PLAN: Final = "no_plan"


def cautions_asked() -> dict[str, Subquery]:
    """Of the patient of a trial, in its newest review and on the body map."""
    every = EligibilityReview.objects.filter(patient=OuterRef("patient"), is_void=False)
    newest = every.filter(superseded_by__isnull=True).order_by("-id")
    marked = PainRegions.objects.filter(patient=OuterRef("patient"), is_void=False)
    return {
        "has_infection": Subquery(newest.values("active_infection")[:1]),
        "has_anticoagulant": Subquery(newest.values("anticoagulant")[:1]),
        "marked": Subquery(marked.filter(superseded_by__isnull=True).values("regions")[:1]),
    }


def cautions_among(trial: StimulationTrial, *, found: Mapping[str, Any]) -> list[str]:
    """``found`` answers ``cautions_asked``."""
    stands = (
        (INFECTION, found["has_infection"]),
        (ANTICOAGULANT, found["has_anticoagulant"] == NO_PLAN),
        (TARGET, unmarked(trial.target_codes, marked=found["marked"] or ())),
    )
    return [words for words, is_so in stands if is_so]


def cautions_of(trial: StimulationTrial) -> list[str]:
    asked = StimulationTrial.objects.filter(pk=trial.pk).values(**cautions_asked())
    return cautions_among(trial, found=asked.get())


def notes_of(trial: StimulationTrial, *, found: Mapping[str, Any], today: date) -> list[str]:
    """How old the MRSA screen is, and whether the authorisation had run out, where they are known.

    Shown where the leads go in and on the card of what came before: nothing waits for them.
    """
    day, told = trial.lead_placed_on or today, []
    screened, expires = found["mrsa_on"], found["expires_on"]
    if screened is not None and screened <= day:
        age = (day - screened).days
        told.append(gettext("MRSA screen of %(on)s: %(days)s days old.") % {"on": screened, "days": age})
        if age >= MRSA_DAYS:
            told.append(f"{MRSA_SOURCE.text} [{MRSA_SOURCE.mark.value}].")
    if expires is not None and expires < day:
        told.append(
            gettext("The prior authorisation had run out: it was valid until %(on)s.") % {"on": expires}
        )
    return told
