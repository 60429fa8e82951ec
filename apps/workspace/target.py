"""Where the target pain is: what the form of a trial offers, and what is said when the body map differs."""

from collections.abc import Collection
from functools import reduce
from operator import or_
from typing import Any, Final

from django.db.models import Q

from apps.patients.models import Patient
from apps.patients.selectors import marked_regions
from apps.trials.models import StimulationTrial
from apps.workspace.codes import CodesField
from sctrial.checklist import BODY_REGIONS, region_words, unmarked

MARKED: Final = "Marked on the body map"
NOT_MARKED: Final = "Chosen, and not marked on the body map"
OFFERED: Final = "The regions that are marked on the body map; several can be chosen."
ALL_OFFERED: Final = "No regions are marked on the body map yet, so all of them are offered."
IN_WORDS: Final = "What no region says, such as: behind the knee. Words are not held against the body map."
ONLY_WORDS: Final = "Written in words alone: it is not held against the body map."
UNSAID: Final = "Choose a region, or write in words where the target pain is."
Choices = list[tuple[str, Any]]


def target_field(label: str, *, patient: Patient | None, chosen: Collection[str]) -> CodesField:
    """Of a patient without a map, or who is not known yet, every region is offered."""
    marked = marked_regions(patient) if patient is not None else []
    field = CodesField(known=BODY_REGIONS, label=label, help_text=OFFERED if marked else ALL_OFFERED)
    field.choices = _offered(marked, chosen=chosen)
    return field


def _offered(marked: Collection[str], *, chosen: Collection[str]) -> Choices:
    if not marked:
        return list(BODY_REGIONS.items())
    groups = ((MARKED, marked), (NOT_MARKED, unmarked(chosen, marked=marked)))
    return [(name, _named(codes)) for name, codes in groups if codes]


def _named(codes: Collection[str]) -> Choices:
    return [(code, words) for code, words in BODY_REGIONS.items() if code in codes]


def regions_named(words: str) -> Q:
    """Trials with a region in the target whose name has these words in it."""
    said = words.strip().casefold()
    codes = [code for code, name in BODY_REGIONS.items() if said and said in name.casefold()]
    return reduce(or_, (Q(target_regions__contains=code) for code in codes), Q())


def target_notes(trial: StimulationTrial, *, marked: Collection[str]) -> str:
    """What the body map says otherwise; empty where every region of the target is marked."""
    if not trial.target_codes:
        return ONLY_WORDS
    outside = unmarked(trial.target_codes, marked=marked)
    return f"Not marked on the body map: {region_words(outside)}." if outside else ""


def as_it_was_fixed(fieldset: tuple[str, Any]) -> tuple[str, Any]:
    """The target as it reads, where nobody chooses it any more."""
    name, options = fieldset
    fields = [one for one in options["fields"] if one != "target_regions"]
    said = ("target_words" if one == "target_area" else one for one in fields)
    return name, options | {"fields": tuple(said)}
