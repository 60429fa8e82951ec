"""A clinic's trail leaves as a file that an outsider can check: whole, in parts, after a forger's hand."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from random import Random

import pytest
from django.core.management import CommandError, call_command

from apps.accounts.models import Clinic
from apps.audit.models import AuditEvent
from apps.audit.services import record
from sctrial.cli import main
from sctrial.trail import flaws_of, read_rows
from tests.factories import make_trial

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)
START = datetime(2026, 10, 1, 12, tzinfo=UTC)
NASTY = ["=HYPERLINK(1)", "-1", "+1", "@SUM", "'quoted", 'a, "b"\nnext line', "ß 漢", ""]


@pytest.fixture
def acts(clinic: Clinic, other_clinic: Clinic) -> Clinic:
    """Eight events a day apart, a trial with its kept values, and another clinic's event."""
    for n, reason in enumerate(NASTY):
        record(
            action="look",
            object_type="trial",
            object_id=n % 2,
            by="staff:1",
            at=START + n * DAY,
            clinic_id=clinic.pk,
            reason=reason,
        )
    trial = make_trial(clinic=clinic)
    type(trial).objects.filter(pk=trial.pk).update(goal="walk")
    record(action="look", object_type="trial", object_id=9, by="staff:2", at=START, clinic_id=other_clinic.pk)
    return clinic


def exported(clinic: Clinic, *options: str, form: str = "json") -> str:
    out = StringIO()
    call_command("export_trail", clinic.name, *options, f"--format={form}", stdout=out)
    return out.getvalue()


def flaws(text: str) -> list[str]:
    return list(flaws_of(read_rows(StringIO(text, newline=""))))


@pytest.mark.parametrize("form", ["csv", "json"])
def test_the_file_alone_shows_that_nothing_was_touched(acts: Clinic, form: str, tmp_path: Path) -> None:
    file = tmp_path / "trail"
    text = exported(acts, form=form)
    file.write_text(text, encoding="utf-8", newline="")

    rows = list(read_rows(StringIO(text, newline="")))

    assert main(["trail", str(file)]) == 0
    assert {row["kind"] for row in rows} == {"event", "change"}
    assert [row["reason"] for row in rows if row["kind"] == "event"][: len(NASTY)] == NASTY


def test_the_export_is_an_event_itself_and_of_the_own_clinic_alone(acts: Clinic) -> None:
    rows = [json.loads(line) for line in exported(acts, "--about=1").splitlines()]

    event = AuditEvent.objects.get(action="export")
    assert (event.clinic_id, event.object_type, event.detail["about"]) == (acts.pk, "trail", "1")
    assert {row["clinic_id"] for row in rows} == {str(acts.pk)}


def test_a_part_by_time_and_row_can_be_checked_too(acts: Clinic) -> None:
    text = exported(acts, "--since=2026-10-03", "--until=2026-10-07", "--about=1")

    assert [json.loads(line)["at"][:10] for line in text.splitlines()] == ["2026-10-04", "2026-10-06"]
    assert flaws(text) == []


def test_nothing_in_the_csv_begins_like_a_formula(acts: Clinic) -> None:
    lines = exported(acts, form="csv")

    assert "\n=HYPERLINK" not in lines
    assert ",=HYPERLINK" not in lines
    assert ",'=HYPERLINK" in lines
    assert ",'@SUM" in lines


@pytest.mark.parametrize("seed", range(20))
def test_a_forged_file_is_found_out_wherever_it_was_touched(acts: Clinic, seed: int) -> None:
    chance = Random(seed)
    rows = [json.loads(line) for line in exported(acts).splitlines()]
    victim = chance.randrange(1, len(rows))
    column = chance.choice(["actor", "at", "hash", "before", "id"])
    value = rows[victim][column]
    rows[victim][column] = ("0" if value[0] != "0" else "1") + value[1:]

    found = flaws("".join(json.dumps(row) + "\n" for row in rows))

    assert any(f"place {rows[victim]['place']}, id {rows[victim]['id']}" in one for one in found)


def test_two_rows_that_changed_places_are_found_out(acts: Clinic) -> None:
    lines = exported(acts).splitlines(keepends=True)
    lines[2], lines[3] = lines[3], lines[2]

    assert any("out of order" in one for one in flaws("".join(lines)))


def test_a_clinic_that_nobody_knows_is_named(db: None) -> None:
    with pytest.raises(CommandError, match="no clinic is called 'Nowhere'"):
        call_command("export_trail", "Nowhere", "--format=csv")


@pytest.mark.parametrize("text", ["", "not,a,trail\n1,2,3\n", "{}\n", "{nonsense\n", "[1]\n"])
def test_what_is_no_trail_is_refused(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "trail"
    file.write_text(text, encoding="utf-8")

    assert main(["trail", str(file)]) == 2
    assert "trail" in capsys.readouterr().err
