"""Whoever can write to the disk of the database can change the trail; the chain says where they did."""

from collections.abc import Callable
from importlib import import_module
from io import StringIO
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection

from apps.accounts.models import Clinic
from apps.audit.models import AuditEvent, AuditLink
from apps.audit.services import record
from apps.audit.verifying import Flaw, Head, Verifier, read_heads, write_heads
from tests.factories import NOW

pytestmark = pytest.mark.django_db(transaction=True)
EVENTS = 30
COLUMNS = ("actor", "action", "object_type", "object_id", "reason", "request_id")

Tamper = Callable[[Random, int, int], int | None]


def owner(statement: str, *values: Any) -> None:
    """As somebody who owns the tables: the triggers that protect them are off."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(statement, values)
        cursor.execute("SET session_replication_role = origin")


def flaws(known: dict[int, Head] | None = None) -> list[Flaw]:
    return list(Verifier(known).flaws())


def change_a_byte(random: Random, one: int, other: int) -> int:
    owner(f"UPDATE audit_auditevent SET {random.choice(COLUMNS)} = 'x' || id WHERE id = %s", one)
    return one


def move_in_time(random: Random, one: int, other: int) -> int:
    owner("UPDATE audit_auditevent SET at = at - interval '1 microsecond' WHERE id = %s", one)
    return one


def change_a_code(random: Random, one: int, other: int) -> int:
    owner("""UPDATE audit_auditevent SET detail = '{"n": 2}' WHERE id = %s""", one)
    return one


def blank_what_was_null(random: Random, one: int, other: int) -> int:
    owner("UPDATE audit_auditevent SET clinic_id = NULL WHERE id = %s", one)
    return one


def take_a_row_out(random: Random, one: int, other: int) -> int:
    owner("DELETE FROM audit_auditevent WHERE id = %s", one)
    return one


def take_a_row_out_with_its_link(random: Random, one: int, other: int) -> None:
    owner("DELETE FROM audit_auditevent WHERE id = %s", one)
    owner("DELETE FROM audit_auditlink WHERE event_id = %s", one)


def forge_a_row(random: Random, one: int, other: int) -> int:
    owner(
        "INSERT INTO audit_auditevent (id, at, actor, clinic_id, action, object_type, object_id, reason,"
        " request_id, detail) SELECT 900000, at, actor, clinic_id, 'sign', object_type, object_id, '', '',"
        " '{}' FROM audit_auditevent WHERE id = %s",
        one,
    )
    return 900000


def forge_a_row_with_a_link(random: Random, one: int, other: int) -> int:
    forge_a_row(random, one, other)
    owner(
        "INSERT INTO audit_auditlink SELECT 900000, chain, max(place) + 1, sha256('x') FROM audit_auditlink"
        " GROUP BY chain"
    )
    return 900000


def swap_two_rows(random: Random, one: int, other: int) -> int:
    """Their contents: each now says what the other did."""
    owner(
        "UPDATE audit_auditevent AS a SET object_id = b.object_id FROM audit_auditevent AS b"
        " WHERE (a.id, b.id) IN ((%s, %s), (%s, %s))",
        *(one, other, other, one),
    )
    return one


def write_another_hash(random: Random, one: int, other: int) -> int:
    owner("UPDATE audit_auditlink SET hash = sha256('x') WHERE event_id = %s", one)
    return one


TAMPERS: tuple[Tamper, ...] = (
    change_a_byte,
    move_in_time,
    change_a_code,
    blank_what_was_null,
    take_a_row_out,
    take_a_row_out_with_its_link,
    forge_a_row,
    forge_a_row_with_a_link,
    swap_two_rows,
    write_another_hash,
)


@pytest.fixture
def trail(clinic: Clinic) -> list[int]:
    """Thirty events of one clinic, each about another object."""
    for n in range(EVENTS):
        record(
            action="look",
            object_type="trial",
            object_id=n,
            by="staff:1",
            at=NOW,
            clinic_id=clinic.pk,
            detail={"n": 1},
        )
    return list(AuditEvent.objects.order_by("id").values_list("id", flat=True))


def test_a_trail_that_nobody_touched_has_no_flaw(trail: list[int], clinic: Clinic) -> None:
    verifier = Verifier()

    assert list(verifier.flaws()) == []
    assert (verifier.count, list(verifier.heads)) == (EVENTS, [clinic.pk])


# Ten ways with ten seeds each: the hundred of the house's promise.
@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("tamper", TAMPERS, ids=lambda tamper: tamper.__name__)
def test_what_was_tampered_with_is_named(trail: list[int], tamper: Tamper, seed: int) -> None:
    random = Random(seed)
    one, other = random.sample(trail[:-1], 2)
    place = AuditLink.objects.get(event_id=one).place

    named = tamper(random, one, other)

    found = flaws()
    assert found, "nothing was found"
    if named is None:
        assert [(flaw.place, flaw.what) for flaw in found] == [(place, "this place of the chain is gone")]
    else:
        assert named in {flaw.event_id for flaw in found}
    assert {flaw.event_id for flaw in found} <= {named, one, other, None, _after(one, trail)}


def _after(event: int, trail: list[int]) -> int | None:
    """The event behind one whose hash was changed no longer stands on what it stood on."""
    place = trail.index(event) + 1
    return trail[place] if place < len(trail) else None


def test_what_is_cut_off_is_seen_by_whoever_noted_the_head(trail: list[int], clinic: Clinic) -> None:
    verifier = Verifier()
    assert list(verifier.flaws()) == []
    noted = read_heads(write_heads(verifier.heads))

    owner("DELETE FROM audit_auditevent WHERE id = %s", trail[-1])
    owner("DELETE FROM audit_auditlink WHERE event_id = %s", trail[-1])

    assert flaws() == []
    assert [(flaw.chain, flaw.place) for flaw in flaws(noted)] == [(clinic.pk, EVENTS)]


def test_a_chain_that_was_forged_anew_is_not_the_one_that_was_noted(trail: list[int], clinic: Clinic) -> None:
    noted = {clinic.pk: Head(EVENTS, "00" * 32)}

    assert [flaw.what for flaw in flaws(noted)] == ["the chain up to here is not what was noted"]


class TestCommand:
    def test_it_says_how_much_it_read_and_notes_the_heads(self, trail: list[int], tmp_path: Path) -> None:
        out, heads = StringIO(), tmp_path / "heads.json"

        call_command("verify_trail", write_heads=heads, stdout=out)
        call_command("verify_trail", heads=heads, stdout=out)

        assert out.getvalue() == f"{EVENTS} events in 1 chains are as written\n" * 2

    def test_it_names_each_flaw_and_fails(self, trail: list[int], clinic: Clinic) -> None:
        out = StringIO()
        owner("UPDATE audit_auditevent SET reason = 'nicer' WHERE id = %s", trail[4])

        with pytest.raises(CommandError, match="1 of the trail's places"):
            call_command("verify_trail", stdout=out)

        assert out.getvalue() == f"clinic {clinic.pk}, place 5, event {trail[4]}: is not what was written\n"

    def test_a_file_that_holds_no_heads_is_refused(self, tmp_path: Path) -> None:
        wrong = tmp_path / "heads.json"
        wrong.write_text("[1]", encoding="utf-8")

        with pytest.raises(CommandError, match="not a file of heads"):
            call_command("verify_trail", heads=wrong)


def test_events_of_before_the_chain_are_linked_by_the_migration(trail: list[int]) -> None:
    before = list(AuditLink.objects.values_list("event_id", "chain", "place", "hash"))
    owner("DELETE FROM audit_auditlink")

    with connection.schema_editor() as editor:
        import_module("apps.audit.migrations.0002_chain").link_what_is_there(apps, editor)

    assert AuditEvent.objects.count() == EVENTS
    again = list(AuditLink.objects.values_list("event_id", "chain", "place", "hash"))
    assert [(*row[:3], bytes(row[3])) for row in again] == [(*row[:3], bytes(row[3])) for row in before]
