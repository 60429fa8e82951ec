"""Which answer a new one may replace. One that has not arrived yet is judged when it does: `aside`."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from apps.diary.models import DiaryAnswer, DiaryEntry
from apps.diary.selectors import is_aside
from apps.diary.statements import Row, Store
from apps.problems import FieldError, Problem, invalid
from sctrial.schedule import Timeliness


def question_of(row: DiaryEntry | DiaryAnswer) -> tuple[str, ...]:
    if isinstance(row, DiaryEntry):
        return row.region, row.kind
    return (row.question,)


def place_of(row: DiaryEntry | DiaryAnswer) -> tuple[Any, ...]:
    """Where a row stands, or wants to: only what is in the same place can be replaced."""
    return row.diary_day, row.window_no, question_of(row)


def is_elsewhere(base: DiaryEntry | DiaryAnswer, row: DiaryEntry | DiaryAnswer) -> bool:
    """Whether ``row`` cannot replace ``base`` whenever it comes."""
    return place_of(base) != place_of(row) or base.timeliness == Timeliness.LATE


def value_of(row: DiaryEntry | DiaryAnswer) -> Any:
    return row.value if isinstance(row, DiaryEntry) else row.answer


def bases_of(store: Store[Row], rows: Iterable[Row]) -> dict[UUID, Row]:
    """What ``rows`` say they replace: stored already, or beside them in the same batch."""
    rows = list(rows)
    wanted = {row.supersedes_id for row in rows if row.supersedes_id is not None}
    if not wanted:
        return {}
    beside = {row.id: row for row in rows if row.id in wanted}
    return {**beside, **store.model._default_manager.annotate(is_aside=is_aside()).in_bulk(wanted)}


def check_can_replace(store: Store[Row], row: Row, *, bases: Mapping[UUID, Row]) -> None:
    """Raises a Problem when ``row`` replaces itself, another question's answer, or a late or closed one."""
    if row.supersedes_id is None:
        return
    _check_no_circle(store, row, bases=bases)
    base = bases.get(row.supersedes_id)
    if base is None:
        return
    if base.trial_id != row.trial_id:
        raise Problem(404, "not_found", "No such entry in this trial.")
    if question_of(base) != question_of(row):
        detail = "That answer is to another question; name the one this answer replaces."
        raise invalid(FieldError("/supersedes", "other_question", detail))
    if base.timeliness == Timeliness.LATE:
        raise Problem(
            409, "late_is_final", "A late answer is taken once and not changed; ask for a correction."
        )
    if place_of(base) != place_of(row):
        detail = "That answer's window has closed; ask the clinic for a correction instead."
        raise invalid(FieldError("/supersedes", "window_closed", detail))


def _check_no_circle(store: Store[Row], row: Row, *, bases: Mapping[UUID, Row]) -> None:
    """Answers that replace each other in a circle would leave none that stands."""
    chain = dict(
        store.model._default_manager.filter(
            trial_id=row.trial_id, diary_day=row.diary_day, supersedes__isnull=False
        ).values_list("id", "supersedes_id")
    ) | {base.id: base.supersedes_id for base in bases.values()}
    seen = row.supersedes_id
    for _ in range(len(chain) + 1):
        if seen == row.id:
            detail = "An answer cannot replace itself, nor one that replaces it."
            raise invalid(FieldError("/supersedes", "supersedes_itself", detail))
        seen = chain.get(seen) if seen is not None else None
