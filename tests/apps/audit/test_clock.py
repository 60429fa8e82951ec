"""A clock that is set back gives a flag and no disorder: the chain is the order, no time is changed."""

import json
from collections.abc import Sequence
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from apps.accounts.models import Clinic, User
from apps.audit.clock import step_of, with_places
from apps.audit.models import AuditEvent
from apps.audit.services import record
from sctrial.cli import main
from tests.apps.workspace.conftest import Visit, as_staff
from tests.factories import NOW

__all__ = ["as_staff"]

#: Seconds on the wall, event by event, all about one trial: the clock is set back after the second one.
ON_THE_WALL = (0.0, 60.0, 60.0 - 30.0, 31.0, 90.0)


def write(clinic: Clinic, seconds: Sequence[float], *, about: object = "T-1") -> None:
    for n, second in enumerate(seconds):
        record(
            action="note",
            object_type="trial",
            object_id=about,
            by="staff:1",
            at=NOW + timedelta(seconds=second),
            clinic_id=clinic.pk,
            reason=f"event {n}",
        )
    # What the commit would link is linked now.
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def steps() -> dict[str, timedelta]:
    return {event.reason: step_of(event) for event in with_places(AuditEvent.objects.order_by("id"))}


def export(clinic: Clinic, *, form: str = "json") -> str:
    out = StringIO()
    call_command("export_trail", clinic.name, "--about=T-1", f"--format={form}", stdout=out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("case", "seconds", "flagged"),
    [
        ("a clock set back by 30 s", (60.0, 30.0), 30.0),
        ("the same moment twice", (60.0, 60.0), 0.0),
        ("two acts of one moment, chained the other way round", (60.0, 59.0), 0.0),
        ("just over a second", (60.0, 58.999), 1.001),
        ("a clock set on", (60.0, 3600.0), 0.0),
    ],
)
def test_an_event_is_flagged_by_how_far_it_lies_before_the_one_before_it(
    clinic: Clinic, case: str, seconds: tuple[float, float], flagged: float
) -> None:
    write(clinic, seconds)

    assert list(steps().values()) == [timedelta(), timedelta(seconds=flagged)], case


def test_only_the_step_itself_is_flagged_and_each_event_keeps_its_place(clinic: Clinic) -> None:
    write(clinic, ON_THE_WALL)

    assert [n for n, step in enumerate(steps().values()) if step] == [2]
    events = with_places(AuditEvent.objects.order_by("id"))
    assert [event.place for event in events] == [1, 2, 3, 4, 5]
    assert [event.at for event in events] == [NOW + timedelta(seconds=second) for second in ON_THE_WALL]


def test_the_time_of_another_clinic_makes_no_step(clinic: Clinic, other_clinic: Clinic) -> None:
    write(clinic, [60.0])
    write(other_clinic, [0.0])

    assert set(steps().values()) == {timedelta()}


def test_staff_see_the_flag_and_the_order_of_the_chain(
    clinic: Clinic, site_admin: User, as_staff: Visit
) -> None:
    write(clinic, ON_THE_WALL)

    for order in ("", "&o=2", "&o=-2"):
        page = as_staff(site_admin).get(f"/staff/audit/auditevent/?object_id=T-1{order}").content.decode()

        places = [page.index(f"event {n}<") for n in reversed(range(len(ON_THE_WALL)))]
        assert places == sorted(places)
        assert page.count("stepped back by 0:00:30") == 1


def test_the_file_carries_the_flag_and_stays_in_order(clinic: Clinic) -> None:
    write(clinic, ON_THE_WALL)

    rows = [json.loads(line) for line in export(clinic).splitlines()]

    assert [row["reason"] for row in rows] == [f"event {n}" for n in range(len(ON_THE_WALL))]
    assert [row["clock_stepped_back"] for row in rows] == ["", "", "30.000", "", ""]


@pytest.mark.parametrize("form", ["csv", "json"])
def test_whoever_checks_the_file_is_told_of_the_step_which_is_no_flaw(
    clinic: Clinic, form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(clinic, ON_THE_WALL)
    file = tmp_path / "trail"
    file.write_text(export(clinic, form=form), encoding="utf-8", newline="")

    assert main(["trail", str(file)]) == 0
    told = capsys.readouterr().out
    assert "place 3" in told
    assert "its time is 30.000 s before that of the row before it" in told
    assert "as written" in told


@pytest.mark.parametrize(("said", "instead"), [("30.000", ""), ("", "7.000")])
def test_a_flag_that_was_taken_out_of_the_file_or_put_into_it_is_named(
    clinic: Clinic, said: str, instead: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(clinic, ON_THE_WALL)
    rows = [json.loads(line) for line in export(clinic).splitlines()]
    victim = next(row for row in rows[1:] if row["clock_stepped_back"] == said)
    victim["clock_stepped_back"] = instead
    file = tmp_path / "trail"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")

    assert main(["trail", str(file)]) == 1
    assert f"place {victim['place']}, id {victim['id']}: names another step" in capsys.readouterr().out


def test_a_file_from_before_there_was_the_flag_is_as_sound_as_it_was(clinic: Clinic, tmp_path: Path) -> None:
    write(clinic, ON_THE_WALL)
    rows = [json.loads(line) for line in export(clinic).splitlines()]
    file = tmp_path / "trail"
    lines = ({name: value for name, value in row.items() if name != "clock_stepped_back"} for row in rows)
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")

    assert main(["trail", str(file)]) == 0


def test_the_operator_is_told_of_the_step_by_clinic_and_place(clinic: Clinic) -> None:
    write(clinic, ON_THE_WALL)
    out = StringIO()

    call_command("verify_trail", stdout=out)

    named = [line for line in out.getvalue().splitlines() if "its time is" in line]
    assert len(named) == 1
    assert named[0].startswith(f"clinic {clinic.pk}, place 3, event ")
    assert named[0].endswith("its time is 30.000 s before that of the row before it")
    assert "are as written" in out.getvalue()
