"""One line in, one line out, whatever the line is; and the command around it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from apps.workspace.sandbox.desk import answer_line

ROOT = Path(__file__).resolve().parents[4]
NEW = {
    "do": "new_trial",
    "name": "plain",
    "at": "2026-10-12T18:00:00Z",
    "trial": {"diary_from": "2026-10-05", "zone": "Europe/Berlin"},
}


def ask(**message: Any) -> dict[str, Any]:
    reply: dict[str, Any] = json.loads(answer_line(json.dumps(message)))
    return reply


@pytest.mark.django_db
def test_a_patient_from_invitation_to_record() -> None:
    trial = ask(**NEW)["trial"]

    invited = ask(do="invite", trial=trial, at=NEW["at"])
    acted = ask(do="staff", act="place_leads", on="2026-10-12", trial=trial, at=NEW["at"])
    held = ask(do="record", trial=trial)

    assert (invited["ok"], len(invited["code"]), len(invited["secret"])) == (True, 9, 22)
    assert acted == {"ok": True}
    assert held == {"ok": True, "answers": [], "parked": [], "tasks": [], "phones": []}


def test_it_says_which_api_it_has() -> None:
    assert ask(do="hello")["api_version"].startswith("1.")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("nonsense", "Expecting value"),
        ("[]", "list indices"),
        ("{}", "do is missing"),
        ('{"do": "dance"}', "'dance' is none of hello, new_trial, invite, staff, record"),
        ('{"do": "record"}', "trial is missing"),
        ('{"do": "record", "trial": "x"}', "badly formed"),
        ('{"do": "record", "trial": "5c9b7f64-3d0f-4d0e-9b7c-2f8f3f1f9d2a"}', "does not exist"),
    ],
)
def test_a_line_that_is_wrong_is_answered_and_the_next_one_served(line: str, error: str) -> None:
    reply = json.loads(answer_line(line))

    assert reply["ok"] is False
    assert error in reply["error"]


def run(*arguments: str, asked: str = "") -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, *arguments]
    return subprocess.run(command, input=asked, capture_output=True, text=True, check=False, cwd=ROOT)


def test_the_command_answers_line_by_line() -> None:
    ended = run("manage.py", "sandbox", asked='{"do": "hello"}\n\n{"do": "dance"}\n')

    assert [json.loads(line)["ok"] for line in ended.stdout.splitlines()] == [True, False]


def test_the_command_is_not_there_where_real_people_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEMO", "0")
    ended = run("manage.py", "sandbox")

    assert ended.returncode == 1
    assert "may hold real people" in ended.stderr


def test_a_server_with_a_told_clock_does_not_start_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEMO", "0")
    ended = run("-c", "import apps.workspace.sandbox.wsgi")

    assert "NotADemo" in ended.stderr
