"""Staff correct what stands in a diary, strike it out, and restore it (docs/adr/0023).

A correction of an answer is a new version of it. What is struck out keeps its row and counts for nothing.
Each act names the row that staff saw: when something else stands by now it raises Refused, and nothing was
written.
"""

from collections.abc import Mapping
from typing import Any, Final
from uuid import uuid4

from django.db import transaction

from apps.audit.reasons import NoReason, Why
from apps.diary.answer_words import question_words, row_words
from apps.diary.models import DiaryAnswer, DiaryEntry, OpioidUse, QuestionnaireResponse
from apps.diary.replacing import value_of
from apps.diary.selectors import is_aside
from apps.diary.staff_acts import CHANGED, Act, AnyRow, Refused, in_words, locked, rows_of_day, store, trail
from apps.diary.totals import is_total
from apps.diary.versions import Said, new_version
from apps.trials.correcting import Act as Correcting
from apps.trials.correcting import Change, keep_old
from apps.trials.models import StimulationTrial
from apps.trials.services import touch_evidence

Beside = OpioidUse | QuestionnaireResponse
Revised = AnyRow | Beside
STRUCK: Final = "struck out"
SAME: Final = "That is what stands already."
TAKEN: Final = "Another one stands for that day by now. Strike that one out first."
NOTE: Final = "a note in the patient's words"


@transaction.atomic
def correct_answer(row: AnyRow, said: int | Mapping[str, Any], *, why: Why, act: Act) -> AnyRow:
    """``said`` supersedes ``row``."""
    trial = locked(row.trial)
    old = _seen(row, is_void=False)
    when = Said(uuid4(), old.captured_at or act.at, old.zone)
    with in_words():
        new = new_version(old, said, when=when, trial=trial, act=act)
    if value_of(new) == value_of(old):
        raise Refused(SAME, field="value")
    _keep(trial, old, Change({about(old): words_of(old)}, {about(old): words_of(new)}), why=why, act=act)
    store(new, reason=why.text.strip(), act=act)
    _trail(trial, "correct", old, why=why, act=act)
    return new


@transaction.atomic
def correct_beside(row: Beside, values: Mapping[str, Any], *, why: Why, act: Act) -> Beside:
    """A dose or a questionnaire: one with ``values`` stands for ``row``, which is struck out."""
    trial = locked(row.trial)
    old: Any = _seen(row, is_void=False)
    own = {field.name: getattr(old, field.name) for field in old._meta.fields if not field.primary_key}
    new = type(row)(**own | dict(values))
    if words_of(new) == words_of(old):
        raise Refused(SAME, field="value")
    _keep(trial, old, Change({about(old): words_of(old)}, {about(old): words_of(new)}), why=why, act=act)
    _mark(old, is_void=True)
    new.save(force_insert=True)
    _trail(trial, "correct", old, why=why, act=act)
    touch_evidence(trial.pk)
    return new


@transaction.atomic
def strike_out(row: Revised, *, why: Why, act: Act) -> None:
    _set_void(row, is_void=True, why=why, act=act)


@transaction.atomic
def restore(row: Revised, *, why: Why, act: Act) -> None:
    _set_void(row, is_void=False, why=why, act=act)


def _set_void(row: Revised, *, is_void: bool, why: Why, act: Act) -> None:
    trial = locked(row.trial)
    old = _seen(row, is_void=not is_void)
    if not is_void and isinstance(old, OpioidUse | QuestionnaireResponse) and _has_rival(old):
        raise Refused(TAKEN)
    said, struck = {about(old): words_of(old)}, {about(old): STRUCK}
    _keep(trial, old, Change(said, struck) if is_void else Change(struck, said), why=why, act=act)
    _mark(old, is_void=is_void)
    _trail(trial, "void" if is_void else "restore", old, why=why, act=act)
    touch_evidence(trial.pk)


def _mark(row: Any, *, is_void: bool) -> None:
    type(row)._default_manager.filter(pk=row.pk).update(is_void=is_void)


def _has_rival(row: Beside) -> bool:
    same: dict[str, Any] = (
        {"day": row.day}
        if isinstance(row, OpioidUse)
        else {"instrument": row.instrument, "answered_on": row.answered_on}
    )
    return type(row)._default_manager.filter(trial=row.trial_id, is_void=False, **same).exists()


def _seen(row: Any, *, is_void: bool) -> Any:
    """The row as it is now, if nothing has happened to it since staff saw it."""
    rows = type(row)._default_manager.filter(pk=row.pk, trial=row.trial_id, is_void=is_void)
    if isinstance(row, DiaryEntry | DiaryAnswer):
        rows = rows.filter(~is_aside())
    found = rows.first()
    if found is None or is_replaced(found):
        raise Refused(CHANGED)
    return found


def is_replaced(row: Revised) -> bool:
    if isinstance(row, OpioidUse | QuestionnaireResponse):
        return False
    return any(other.supersedes_id == row.id for other in rows_of_day(row))


def about(row: Revised) -> str:
    """What a row is about, such as: Average pain, target, 12 Oct 2026."""
    if isinstance(row, OpioidUse):
        return f"Opioid dose, {row.day:%-d %b %Y}"
    if isinstance(row, QuestionnaireResponse):
        name = row.instrument.upper() if is_total(row) else row.instrument.replace("_", " ").capitalize()
        return f"{name}, {row.answered_on:%-d %b %Y}"
    key = f"{row.region}.{row.kind}" if isinstance(row, DiaryEntry) else row.question
    return f"{question_words(key)}, {row.diary_day:%-d %b %Y}"


def words_of(row: Revised) -> str:
    """A note is told to those alone who may read notes, so not here."""
    if isinstance(row, OpioidUse):
        return f"{row.mme.normalize():f} MME ({row.table_version})"
    if isinstance(row, QuestionnaireResponse):
        return ", ".join(
            "yes" if said is True else "no" if said is False else str(said) for said in row.answers.values()
        )
    if isinstance(row, DiaryAnswer) and row.question == "note":
        return NOTE
    return row_words(row)


def _keep(trial: StimulationTrial, row: Revised, change: Change, *, why: Why, act: Act) -> None:
    try:
        why.check()
    except NoReason as refused:
        raise Refused(f"{refused}.".capitalize(), field=refused.field) from None
    keep_old(trial.pk, row, change, act=Correcting(act.by, act.at, why, act.request_id))


def _trail(trial: StimulationTrial, action: str, row: Revised, *, why: Why, act: Act) -> None:
    name = row._meta.verbose_name.replace(" ", "_") if row._meta.verbose_name else ""
    trail(trial, action, str(name), row.pk, act=act, reason=why.text.strip(), detail={"why": why.code})
