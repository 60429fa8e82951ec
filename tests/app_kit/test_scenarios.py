"""The synthetic patients as files: each can be played, says why it is there, and asks for something."""

import json
from pathlib import Path
from typing import Any

import pytest

from kit import scenario
from kit.scenario import STEPS, BadScenario, read
from tests.app_kit.conftest import KIT

GOOD: dict[str, Any] = {
    "name": "made_up",
    "title": "Made up",
    "why": "For a test",
    "trial": {"diary_from": "2026-10-05", "diary_windows": "18:00-24:00"},
    "phones": [{"name": "phone", "zone": "Europe/Berlin"}],
    "steps": [
        {"at": "2026-10-12T18:30:00+02:00", "do": "pair"},
        {"do": "answer", "answers": {"target.average": 6, "sleep": 2}},
    ],
    "expect": {"record": [{"day": "2026-10-12", "answers": {"target.average": 6, "sleep": 2}}]},
}


def written(folder: Path, **changes: Any) -> Path:
    path = folder / "made_up.json"
    path.write_text(json.dumps(GOOD | changes), encoding="utf-8")
    return path


def test_an_answer_is_expected_with_everything_that_goes_without_saying(tmp_path: Path) -> None:
    found = read(written(tmp_path)).expected("record")

    assert [(one.question, one.value) for one in found] == [("target.average", 6), ("sleep", 2)]
    assert found[0].facts == {
        "diary_day": "2026-10-12",
        "window": 1,
        "timeliness": "on_time",
        "originator": "patient",
        "late_sync": False,
        "zone": "Europe/Berlin",
        "language": "en",
    }


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"titel": "x"}, "unknown words titel"),
        ({"name": "other"}, "its name is 'other'"),
        ({"steps": [{"do": "pair"}]}, "the first step needs an `at`"),
        ({"steps": [GOOD["steps"][0], {"do": "jump"}]}, "step 2: 'jump' is none of"),
        ({"steps": [GOOD["steps"][0], {"do": "zone"}]}, "step 2: zone is missing"),
        ({"steps": [GOOD["steps"][0], {"do": "sync", "phone": "tablet"}]}, "there is no phone 'tablet'"),
        ({"steps": [{"at": "2026-10-12T18:30:00", "do": "pair"}]}, "has no offset"),
        (
            {"steps": [GOOD["steps"][0], {"at": "2026-10-12T18:29:00+02:00", "do": "sync"}]},
            "the steps go back in time",
        ),
        ({"expect": {"recorded": []}}, "expect: unknown words recorded"),
        ({"expect": {"record": [{"day": "2026-10-12", "answer": 6}]}}, "expect: unknown words answer"),
    ],
)
def test_a_file_that_cannot_be_played_says_where(changes: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(BadScenario, match=r"^made_up\.json: ") as refused:
        read(written(tmp_path, **changes))

    assert message in str(refused.value)


def test_what_is_asked_of_a_diary_has_its_patient() -> None:
    """Travel, clock drift, outage and double send are what phones meet in use."""
    names = {one.name for one in scenario.load(KIT / "scenarios")}

    assert names >= {
        "plain_week",
        "traveller",
        "no_network_for_three_days",
        "replies_lost",
        "sent_twice",
        "two_phones",
        "clock_two_hours_fast",
        "clock_a_day_slow",
        "amended",
        "amended_without_network",
        "late_for_yesterday",
        "revoked",
        "server_busy",
        "one_evening_refused",
        "caregiver",
        "red_flag",
        "pairing_reply_lost",
        "trial_ended",
        "fields_of_a_later_version",
    }


def test_every_word_of_a_step_is_used_by_some_patient() -> None:
    used = {step.do for one in scenario.load(KIT / "scenarios") for step in one.steps}

    assert used | {"wait"} == set(STEPS)


def test_every_patient_leaves_a_record_and_a_reason() -> None:
    for one in scenario.load(KIT / "scenarios"):
        assert one.expected("record"), one.name
        assert one.title, one.name
        assert len(one.why) > 40, one.name
