"""The lists of work: cut to a screen for the worklist, whole for the filter of the list of trials."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db.models import F, Func, IntegerField, UUIDField, Value

from apps.outcomes.selectors import Bases, bases_of_judgement
from apps.trials.models import StimulationTrial
from apps.trials.rules import read_rulebook
from apps.workspace.evenings import Evenings
from apps.workspace.placing import ENDING, LISTS, Fact, place
from apps.workspace.selectors import Trials


@dataclass(frozen=True, slots=True)
class Listed:
    """One row of a list: the trial, what placed it there, and its evenings where it ends soon."""

    trial: StimulationTrial
    fact: Fact
    evenings: Evenings | None


@dataclass(frozen=True, slots=True)
class Found:
    """The first rows of a list, and how long the whole list is."""

    rows: tuple[Listed, ...] = ()
    count: int = 0


def find_work(trials: Trials, *, bases: Bases, at: datetime, most: int) -> dict[str, Found]:
    """Every list, cut to ``most`` rows."""
    placed = place(trials, bases=bases, at=at)
    shown = {pk for ids in placed.lists.values() for pk in ids[:most]}
    rows = StimulationTrial.objects.filter(pk__in=shown).select_related(
        "patient__identity", "clinic", "currency"
    )
    by_id = {trial.pk: trial for trial in rows.filter(pk__in=shown)} if shown else {}

    def listed(ids: Iterable[UUID]) -> tuple[Listed, ...]:
        # A row that another transaction moved between the two statements is in no list any more.
        found = (by_id[pk] for pk in ids if pk in by_id)
        return tuple(Listed(one, placed.facts[one.pk], placed.evenings.get(one.pk)) for one in found)

    return {code: Found(listed(ids[:most]), len(ids)) for code, ids in placed.lists.items()}


def list_of(code: str, trials: Trials, *, at: datetime) -> Trials:
    """The whole list, in its order."""
    bases = bases_of_judgement(on=at.astimezone(UTC).date(), rulebook=read_rulebook())
    ids = place(trials, bases=bases, at=at).lists[code]
    position = Func(
        Value(ids, output_field=ArrayField(UUIDField())),
        F("pk"),
        function="array_position",
        output_field=IntegerField(),
    )
    return trials.filter(pk__in=ids).order_by(position)


WORK: Final[Mapping[str, Callable[..., Any]]] = {code: partial(list_of, code) for code in (*LISTS, ENDING)}
