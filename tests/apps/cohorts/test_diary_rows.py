"""Entries as they were collected, one value a day, and every window that was expected."""

import uuid
from datetime import date, timedelta

import pytest

from apps.accounts.models import Clinic
from apps.diary.models import DiaryEntry, OpioidUse
from apps.diary.schemas import AnswerBody, parse
from apps.diary.services import record_answers
from apps.trials.models import StimulationTrial
from sctrial.dictionary import read_dictionary
from tests.apps.cohorts.asking import rows, shown, table
from tests.factories import NOW, make_answer_body, make_device, make_entries, make_trial

IN_MEMORY = ("entries", "daily", "expected")


def answer(
    trial: StimulationTrial, question: str, given: object, day: str = "2026-10-09", **more: str
) -> None:
    device, _ = make_device(trial)
    facts = {"captured_at": f"{day}T19:30:00+00:00", "zone": "UTC"} | more
    body = make_answer_body(question, given, **facts)
    sent = [(str(uuid.uuid4()), parse(AnswerBody, body))]
    (outcome,) = record_answers(sent, by=device, at=NOW, request_id="test")
    assert not hasattr(outcome, "problem"), outcome


def replace(entry: DiaryEntry, value: int, **more: object) -> DiaryEntry:
    facts = {field.attname: getattr(entry, field.attname) for field in DiaryEntry._meta.concrete_fields}
    later = entry.received_at + timedelta(minutes=30)
    changes = {"id": uuid.uuid4(), "value": value, "supersedes_id": entry.pk, "received_at": later}
    return DiaryEntry.objects.create(**facts | changes | more)


def test_entries_are_told_as_collected_replaced_ones_too(clinic: Clinic) -> None:
    trial = make_trial(clinic=clinic)
    before, under = make_entries(trial, {"2026-10-07": 8, "2026-10-08": 4})
    replace(under, 3)

    told = rows("entries", clinic)

    assert [
        shown(row, "entry_number", "diary_day", "phase", "value", "replaced", "replaces") for row in told
    ] == [
        (1, -1, "baseline", 8.0, False, None),
        (2, 1, "trial", 4.0, True, None),
        (3, 1, "trial", 3.0, False, 2),
    ]
    assert told[0]["entry_uuid"] == str(before.pk)
    # 08:00 on the clock of a patient in UTC.
    assert shown(told[0], "minute_of_day", "originator", "region", "kind") == (
        8 * 60,
        "patient",
        "target",
        "average",
    )


@pytest.mark.parametrize(("several", "value"), [("mean", (6 + 9) / 2), ("first", 6.0), ("last", 9.0)])
def test_several_scores_of_a_day_are_worth_what_the_protocol_says(
    several: str, value: float, clinic: Clinic
) -> None:
    trial = make_trial(clinic=clinic, several=several)
    make_entries(trial, {"2026-10-07": [6, 9]})

    (row,) = rows("daily", clinic)

    assert shown(row, "parameter", "value", "answers", "unit") == ("average", value, 2, "scale point")


def test_a_day_is_told_of_what_stands_only(clinic: Clinic) -> None:
    (entry,) = make_entries(make_trial(clinic=clinic), {"2026-10-09": 8})
    replace(entry, 2)

    (row,) = rows("daily", clinic)

    assert (row["value"], row["answers"]) == (2.0, 1)


def test_each_parameter_of_a_day_is_a_row(clinic: Clinic) -> None:
    trial = make_trial(clinic=clinic)
    make_entries(trial, {"2026-10-09": 4})
    make_entries(trial, {"2026-10-09": 5}, region="wound")
    answer(trial, "sleep", {"number": 7})
    answer(trial, "go_ahead", {"choice": "not_sure"})
    OpioidUse.objects.create(trial=trial, day=date(2026, 10, 9), mme=30, table_version="CDC_2022")

    told = [shown(row, "region", "parameter", "value", "code", "unit") for row in rows("daily", clinic)]

    assert told == [
        ("", "go_ahead", None, "not_sure", ""),
        ("", "mme", 30.0, "", "MME"),
        ("", "sleep", 7.0, "", "point"),
        ("target", "average", 4.0, "", "scale point"),
        ("wound", "average", 5.0, "", "scale point"),
    ]


@pytest.mark.parametrize(
    ("several", "value", "by"),
    [("mean", (6 + 9) / 2, "patient+proxy"), ("first", 6.0, "patient"), ("last", 9.0, "proxy")],
)
def test_a_days_score_says_who_gave_what_it_is_made_of(
    several: str, value: float, by: str, clinic: Clinic
) -> None:
    trial = make_trial(clinic=clinic, several=several)
    make_entries(trial, {"2026-10-07": 6})
    make_entries(trial, {"2026-10-07": 9}, originator="proxy", captured_at="2026-10-07T08:01:00+00:00")

    (row,) = rows("daily", clinic)

    assert shown(row, "value", "answers", "originator") == (value, 2, by)


def test_every_answer_of_a_day_says_whose_it_is_and_a_dose_nobody(
    clinic: Clinic,
) -> None:
    trial = make_trial(clinic=clinic)
    (entry,) = make_entries(trial, {"2026-10-09": 8})
    replace(entry, 4, originator="staff", entered_by="staff:7", device_id=None)
    answer(trial, "sleep", {"number": 6})
    answer(trial, "sleep", {"number": 7}, originator="proxy", captured_at="2026-10-09T20:00:00+00:00")
    answer(trial, "go_ahead", {"choice": "not_sure"})
    answer(trial, "red_flags", {"choices": ["fever"]})
    answer(
        trial,
        "red_flags",
        {"choices": ["shocks"]},
        originator="proxy",
        captured_at="2026-10-09T20:00:00+00:00",
    )
    OpioidUse.objects.create(trial=trial, day=date(2026, 10, 9), mme=30, table_version="CDC_2022")

    told = {row["parameter"]: row["originator"] for row in rows("daily", clinic)}

    assert told == {
        "average": "staff",
        "sleep": "proxy",
        "go_ahead": "patient",
        "red_flags": "patient+proxy",
        "mme": "",
    }


def test_the_patients_own_words_are_in_no_table(clinic: Clinic) -> None:
    trial = make_trial(clinic=clinic)
    make_entries(trial, {"2026-10-09": 4})
    answer(trial, "note", {"text": "Ada Invented came to see me"})

    assert "Ada" not in "".join(table(name, clinic).to_csv() for name in IN_MEMORY)
    assert len(rows("daily", clinic)) == 1


def test_each_window_that_is_over_is_a_row_with_what_became_of_it(clinic: Clinic) -> None:
    """A phone from the first day on; the consent ends on the 11th at noon; the 12th is not over."""
    trial = make_trial(clinic=clinic, diary_from=date(2026, 10, 8))
    make_device(trial, at=NOW - timedelta(days=30))
    make_entries(trial, {"2026-10-08": 4, "2026-10-10": 3})
    StimulationTrial.objects.update(consent_withdrawn_at=NOW.replace(day=11, hour=12))

    told = rows("expected", clinic, at=NOW)

    assert [shown(row, "diary_day", "state", "timeliness", "why_missing") for row in told] == [
        (1, "answered", "on_time", ""),
        (2, "missed", "", "no_answer"),
        (3, "answered", "on_time", ""),
        (4, "excused", "", "consent_withdrawn"),
    ]


def test_a_window_before_there_was_a_phone_is_excused(clinic: Clinic) -> None:
    make_trial(clinic=clinic, diary_from=date(2026, 10, 11), lead_placed_on=date(2026, 10, 11))

    (row,) = rows("expected", clinic, at=NOW)

    assert shown(row, "state", "why_missing") == ("excused", "no_phone")


@pytest.mark.parametrize("name", IN_MEMORY)
def test_an_empty_cohort_has_the_columns_of_the_dictionary(name: str, clinic: Clinic) -> None:
    frame = table(name, clinic)

    assert list(frame.columns) == [column.name for column in read_dictionary()[name].columns]
    assert frame.empty
