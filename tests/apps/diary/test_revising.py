"""Staff correct, strike out and restore what stands in a diary; every value it had stays on record."""

import uuid
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from apps.accounts.models import Clinic, Role
from apps.audit.models import AuditEvent, ValueChange
from apps.audit.reasons import Why
from apps.diary.models import DiaryEntry, OpioidUse, QuestionnaireResponse
from apps.diary.revising import STRUCK, correct_answer, correct_beside, restore, strike_out
from apps.diary.selectors import standing
from apps.diary.staff_acts import CHANGED, Act, Refused, Told, transcribe
from apps.outcomes.deciding import sign_decision
from apps.outcomes.frames import entries_frame, packed_frame
from apps.outcomes.selectors import read_evidence
from apps.outcomes.services import assess
from apps.outcomes.standing import changed_since, standing_decision
from apps.trials.models import Correction, StimulationTrial
from sctrial.choices import Choice
from tests.factories import NOW, make_entries, make_staff, make_trial
from tests.factories.deciding import SIGNING, hand_of, make_waiting

pytestmark = pytest.mark.django_db
ACT = Act("staff:7", NOW, "request-1")
WHY = Why("mistyped", "touched 9 for 3")
DAY = "2026-10-05"


@pytest.fixture
def trial(clinic: Clinic) -> StimulationTrial:
    return make_trial(clinic=clinic, diary_windows="00:00-24:00")


@pytest.fixture
def entry(trial: StimulationTrial) -> DiaryEntry:
    (made,) = make_entries(trial, {DAY: 9})
    return made


def scores(trial: StimulationTrial) -> list[int]:
    """By both roads to a verdict: row by row, and packed for thousands."""
    plain = [int(entry.value) for entry in read_evidence(trial).entries]
    packed = packed_frame([trial], regions=["target"])
    assert sorted(entries_frame([trial])["value"]) == sorted(packed["value"]) == sorted(plain)
    assert sorted(row.value for row in standing(DiaryEntry.objects.filter(trial=trial))) == sorted(plain)
    return plain


def test_a_correction_is_a_new_version_and_the_old_one_stays_beside_it(
    trial: StimulationTrial, entry: DiaryEntry
) -> None:
    new = correct_answer(entry, 3, why=WHY, act=ACT)

    assert (scores(trial), new.supersedes_id) == ([3], entry.id)
    assert DiaryEntry.objects.get(pk=entry.pk).value == 9
    kept = Correction.objects.get()
    assert (kept.old, kept.new) == (
        {"Average pain, target, 5 Oct 2026": "9"},
        {"Average pain, target, 5 Oct 2026": "3"},
    )
    event = AuditEvent.objects.get(action="correct")
    assert (event.object_id, event.reason, event.detail) == (
        str(entry.pk),
        "touched 9 for 3",
        {"why": "mistyped"},
    )


def test_what_is_struck_out_counts_for_nothing_until_it_is_restored(
    trial: StimulationTrial, entry: DiaryEntry
) -> None:
    version = StimulationTrial.objects.get(pk=trial.pk).evidence_version

    strike_out(entry, why=WHY, act=ACT)
    assert scores(trial) == []
    restore(entry, why=Why("other", "it was right"), act=ACT)

    assert scores(trial) == [9]
    assert StimulationTrial.objects.get(pk=trial.pk).evidence_version == version + 2
    (back, out) = Correction.objects.order_by("-id")
    (words,) = out.old
    assert (out.old[words], out.new[words]) == ("9", STRUCK)
    assert (back.old[words], back.new[words], back.code) == (STRUCK, "9", "other")
    kept = ValueChange.objects.filter(table="diary_diaryentry", row_id=str(entry.pk)).order_by("id")
    assert [change.new for change in kept] == [{"is_void": True}, {"is_void": False}]


def test_an_answer_that_was_replaced_does_not_come_back_when_its_replacement_is_struck_out(
    trial: StimulationTrial, entry: DiaryEntry
) -> None:
    new = correct_answer(entry, 3, why=WHY, act=ACT)

    strike_out(new, why=WHY, act=ACT)

    assert scores(trial) == []


def test_an_evening_whose_answer_was_struck_out_takes_another(
    trial: StimulationTrial, entry: DiaryEntry
) -> None:
    strike_out(entry, why=WHY, act=ACT)
    told = Told(uuid.uuid4(), "target.average", 4, entry.captured_at or NOW, "UTC")

    row = transcribe(trial, told, reason="asked again", act=ACT)

    assert (scores(trial), row.supersedes_id) == ([4], entry.id)
    with pytest.raises(Refused, match="Look again"):
        restore(entry, why=WHY, act=ACT)


@pytest.mark.parametrize(("why", "field"), [(Why("", "touched 9"), "why_code"), (Why("mistyped"), "why")])
@pytest.mark.parametrize("deed", [partial(correct_answer, said=3), strike_out])
def test_no_act_is_done_without_a_reason(
    trial: StimulationTrial, entry: DiaryEntry, deed: Any, why: Why, field: str
) -> None:
    with pytest.raises(Refused) as refused:
        deed(entry, why=why, act=ACT)

    assert (refused.value.field, scores(trial)) == (field, [9])


def test_who_acts_on_what_stands_no_more_is_told_so(trial: StimulationTrial, entry: DiaryEntry) -> None:
    correct_answer(entry, 3, why=WHY, act=ACT)

    for act in (
        lambda: correct_answer(entry, 4, why=WHY, act=ACT),
        lambda: strike_out(entry, why=WHY, act=ACT),
        lambda: restore(entry, why=WHY, act=ACT),
    ):
        with pytest.raises(Refused, match=CHANGED):
            act()
    assert scores(trial) == [3]


def test_a_correction_to_the_same_value_and_one_off_the_scale_are_refused_at_the_value(
    trial: StimulationTrial, entry: DiaryEntry
) -> None:
    for said, words in ((9, "stands already"), (11, "0 to 10")):
        with pytest.raises(Refused, match=words) as refused:
            correct_answer(entry, said, why=WHY, act=ACT)
        assert refused.value.field == "value"


def test_what_an_answer_says_can_never_be_edited(entry: DiaryEntry) -> None:
    with pytest.raises(Exception, match="Cannot update"), transaction.atomic():
        DiaryEntry.objects.filter(pk=entry.pk).update(value=3)
    with pytest.raises(Exception, match="Cannot delete"), transaction.atomic():
        DiaryEntry.objects.filter(pk=entry.pk).delete()


def test_after_the_signature_the_record_says_that_it_would_now_differ(clinic: Clinic) -> None:
    """Mean of 8 against 3 met the rule; without the last three evenings' 3 it does not."""
    trial = make_waiting(clinic)
    signer = make_staff("signer", clinic=clinic, role=Role.CLINICIAN)
    signed = sign_decision(trial, choice=Choice.IMPLANT, hand=hand_of(signer, trial=trial))
    document = signed.document

    for row in trial.entries.filter(diary_day__gte=date(2026, 10, 8)):
        correct_answer(row, 8, why=WHY, act=Act("staff:7", SIGNING))
    assess(trial.pk, at=SIGNING)

    decision = standing_decision(trial)
    assert decision is not None
    trial.refresh_from_db()
    assert "Would now differ" in changed_since(decision, trial=trial, at=SIGNING)
    signed.refresh_from_db()
    assert signed.document == document


# fmt: off
BESIDE: list[tuple[Any, dict[str, Any], dict[str, Any]]] = [
    (OpioidUse,
     {"day": date(2026, 10, 5), "mme": Decimal(30), "table_version": "CDC 2022"},
     {"mme": Decimal(20)}),
    (QuestionnaireResponse,
     {"instrument": "trial_satisfaction", "version": "1", "answered_on": date(2026, 10, 5),
      "answers": {"satisfied": True}},
     {"answers": {"satisfied": False}}),
]
# fmt: on


def facts(trial: StimulationTrial) -> tuple[list[Any], bool | None]:
    doses = OpioidUse.objects.filter(trial=trial, is_void=False).values_list("mme", flat=True)
    return [int(mme) for mme in doses], read_evidence(trial).satisfied


@pytest.mark.parametrize(("model", "said", "other"), BESIDE)
def test_a_dose_and_a_questionnaire_are_corrected_struck_out_and_restored_alike(
    trial: StimulationTrial, model: Any, said: dict[str, Any], other: dict[str, Any]
) -> None:
    row = model.objects.create(trial=trial, **said)
    first = facts(trial)

    new = correct_beside(row, other, why=WHY, act=ACT)
    second = facts(trial)
    with pytest.raises(Refused, match="Strike that one out first"):
        restore(row, why=WHY, act=ACT)
    strike_out(new, why=WHY, act=ACT)
    assert facts(trial) == ([], None)
    restore(row, why=WHY, act=ACT)

    assert first != second
    assert facts(trial) == first
    assert Correction.objects.count() == 3
