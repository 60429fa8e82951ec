"""Whoever can write to the disk of the database can change the trail; the chain says where they did."""

from collections.abc import Callable
from dataclasses import dataclass
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
from apps.audit.models import AuditEvent, AuditLink, ValueChange
from apps.audit.services import record
from apps.audit.verifying import Flaw, Head, Verifier, read_heads, write_heads
from tests.factories import NOW

ROWS = 30

Tamper = Callable[["Kind", Random, int, int], int | None]


@dataclass(frozen=True)
class Kind:
    """Of which rows: those of the trail, or the values that triggers kept."""

    table: str
    texts: tuple[str, ...]
    json: str
    #: What differs from row to row.
    own: str
    columns: str


EVENT = Kind(
    "audit_auditevent",
    ("actor", "action", "object_type", "object_id", "reason", "request_id"),
    json="detail",
    own="object_id",
    columns="at, actor, clinic_id, action, object_type, object_id, reason, request_id, detail",
)
CHANGE = Kind(
    "audit_valuechange",
    ("actor", '"table"', "row_id"),
    json="old",
    own="new",
    columns='at, actor, clinic_id, operation, "table", row_id, old, new, transaction',
)
KINDS = {"event": EVENT, "change": CHANGE}


def owner(statement: str, *values: Any) -> None:
    """As somebody who owns the tables: the triggers that protect them are off."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(statement, values)
        cursor.execute("SET session_replication_role = origin")


def flaws(known: dict[int, Head] | None = None) -> list[Flaw]:
    return list(Verifier(known).flaws())


def change_a_byte(kind: Kind, random: Random, one: int, other: int) -> int:
    owner(f"UPDATE {kind.table} SET {random.choice(kind.texts)} = 'x' || id WHERE id = %s", one)
    return one


def move_in_time(kind: Kind, random: Random, one: int, other: int) -> int:
    owner(f"UPDATE {kind.table} SET at = at - interval '1 microsecond' WHERE id = %s", one)
    return one


def change_a_value(kind: Kind, random: Random, one: int, other: int) -> int:
    owner(f"""UPDATE {kind.table} SET {kind.json} = '{{"n": 2}}' WHERE id = %s""", one)
    return one


def blank_what_was_null(kind: Kind, random: Random, one: int, other: int) -> int:
    owner(f"UPDATE {kind.table} SET clinic_id = NULL WHERE id = %s", one)
    return one


def take_a_row_out(kind: Kind, random: Random, one: int, other: int) -> int:
    owner(f"DELETE FROM {kind.table} WHERE id = %s", one)
    return one


def take_a_row_out_with_its_link(kind: Kind, random: Random, one: int, other: int) -> None:
    owner(f"DELETE FROM {kind.table} WHERE id = %s", one)
    owner("DELETE FROM audit_auditlink WHERE event_id = %s", one)


def forge_a_row(kind: Kind, random: Random, one: int, other: int) -> int:
    owner(
        f"INSERT INTO {kind.table} (id, {kind.columns}) SELECT 900000, {kind.columns} FROM {kind.table}"
        " WHERE id = %s",
        one,
    )
    return 900000


def forge_a_row_with_a_link(kind: Kind, random: Random, one: int, other: int) -> int:
    forge_a_row(kind, random, one, other)
    owner(
        "INSERT INTO audit_auditlink SELECT 900000, chain, max(place) + 1, sha256('x') FROM audit_auditlink"
        " WHERE chain = (SELECT chain FROM audit_auditlink WHERE event_id = %s) GROUP BY chain",
        one,
    )
    return 900000


def exchange_what_two_rows_say(kind: Kind, random: Random, one: int, other: int) -> int:
    owner(
        f"UPDATE {kind.table} AS a SET {kind.own} = b.{kind.own} FROM {kind.table} AS b"
        " WHERE (a.id, b.id) IN ((%s, %s), (%s, %s))",
        *(one, other, other, one),
    )
    return one


def exchange_the_places_of_two_rows(kind: Kind, random: Random, one: int, other: int) -> int:
    """Each with its own hash: the one that came later now comes before."""
    places = [AuditLink.objects.get(event_id=event).place for event in (one, other)]
    for event, place in ((one, -1), (other, places[0]), (one, places[1])):
        owner("UPDATE audit_auditlink SET place = %s WHERE event_id = %s", place, event)
    return one


def write_another_hash(kind: Kind, random: Random, one: int, other: int) -> int:
    owner("UPDATE audit_auditlink SET hash = sha256('x') WHERE event_id = %s", one)
    return one


def add_a_row_with_the_triggers_off(kind: Kind, random: Random, one: int, other: int) -> int:
    """By a statement of the owner's own, where the whole connection is not in another mode."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {kind.table} DISABLE TRIGGER ALL")
        cursor.execute(
            f"INSERT INTO {kind.table} (id, {kind.columns}) SELECT 900000, {kind.columns} FROM {kind.table}"
            " WHERE id = %s",
            [one],
        )
        cursor.execute(f"ALTER TABLE {kind.table} ENABLE TRIGGER ALL")
    return 900000


TAMPERS: tuple[Tamper, ...] = (
    change_a_byte,
    move_in_time,
    change_a_value,
    blank_what_was_null,
    take_a_row_out,
    take_a_row_out_with_its_link,
    forge_a_row_with_a_link,
    exchange_what_two_rows_say,
    exchange_the_places_of_two_rows,
    write_another_hash,
)
#: These leave a row that no place was given to: found whatever else is in the trail.
FORGERIES: tuple[Tamper, ...] = (forge_a_row, add_a_row_with_the_triggers_off)


def write_trail(clinic: Clinic) -> dict[str, list[int]]:
    """Thirty events of one clinic, each about another object, and thirty values of its telephone."""
    for n in range(ROWS):
        record(
            action="look",
            object_type="trial",
            object_id=n,
            by="staff:1",
            at=NOW,
            clinic_id=clinic.pk,
            detail={"n": 1},
        )
    # The first is the clinic's own coming.
    for n in range(1, ROWS):
        Clinic.objects.filter(pk=clinic.pk).update(phone=n)
    models: dict[str, type[AuditEvent] | type[ValueChange]] = {"event": AuditEvent, "change": ValueChange}
    return {
        kind: list(model._default_manager.order_by("id").values_list("id", flat=True))
        for kind, model in models.items()
    }


@pytest.fixture
def linked_trail(db: None, clinic: Clinic) -> dict[str, list[int]]:
    """What the commit would link is linked now: no test has to empty the tables afterwards."""
    trail = write_trail(clinic)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    return trail


@pytest.fixture
def trail(transactional_db: None, clinic: Clinic) -> dict[str, list[int]]:
    return write_trail(clinic)


def test_a_trail_that_nobody_touched_has_no_flaw(trail: dict[str, list[int]], clinic: Clinic) -> None:
    verifier = Verifier()

    assert list(verifier.flaws()) == []
    assert (verifier.count, set(verifier.heads)) == (2 * ROWS, {clinic.pk, -1 - clinic.pk})


# Ten ways with ten seeds each, for each kind of row: twice the hundred of the house's promise.
@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("tamper", TAMPERS, ids=lambda tamper: tamper.__name__)
@pytest.mark.parametrize("kind", KINDS)
def test_what_was_tampered_with_is_named(
    linked_trail: dict[str, list[int]], kind: str, tamper: Tamper, seed: int
) -> None:
    rows, random = linked_trail[kind], Random(seed)
    one, other = random.sample(rows[:-1], 2)
    place = AuditLink.objects.get(event_id=one).place

    named = tamper(KINDS[kind], random, one, other)

    found = flaws()
    assert found, "nothing was found"
    if named is None:
        assert [(flaw.place, flaw.what) for flaw in found] == [(place, "this place of the chain is gone")]
    else:
        assert named in {flaw.event_id for flaw in found}
    assert {flaw.event_id for flaw in found} <= {named, one, other, None, *_after([one, other], rows)}


def _after(events: list[int], rows: list[int]) -> set[int]:
    """The row behind one whose hash or place was changed no longer stands on what it stood on."""
    places = [rows.index(event) + 1 for event in events]
    return {rows[place] for place in places if place < len(rows)}


@pytest.mark.parametrize("tamper", FORGERIES, ids=lambda tamper: tamper.__name__)
@pytest.mark.parametrize("kind", KINDS)
def test_a_row_that_went_past_the_triggers_is_named(
    linked_trail: dict[str, list[int]], kind: str, tamper: Tamper
) -> None:
    one, other, *_ = linked_trail[kind]

    named = tamper(KINDS[kind], Random(0), one, other)

    assert [(flaw.event_id, flaw.what) for flaw in flaws()] == [
        (named, "is in the trail and not in the chain")
    ]


def cut_off(kind: Kind, ids: list[int]) -> None:
    owner(f"DELETE FROM {kind.table} WHERE id = ANY (%s)", ids)
    owner("DELETE FROM audit_auditlink WHERE event_id = ANY (%s)", ids)


class TestTheEndOfAChain:
    """A chain that was cut at its end is a whole chain: only a head that was noted elsewhere tells of it."""

    @pytest.fixture
    def noted(self, linked_trail: dict[str, list[int]]) -> dict[int, Head]:
        verifier = Verifier()
        assert list(verifier.flaws()) == []
        return read_heads(write_heads(verifier.heads))

    @pytest.mark.parametrize("kind", KINDS)
    def test_what_is_cut_off_is_seen_by_whoever_noted_the_head_and_by_nobody_else(
        self, linked_trail: dict[str, list[int]], clinic: Clinic, noted: dict[int, Head], kind: str
    ) -> None:
        cut_off(KINDS[kind], linked_trail[kind][-3:])

        chain = {"event": clinic.pk, "change": -1 - clinic.pk}[kind]
        assert flaws() == []
        assert [(flaw.chain, flaw.place, flaw.what) for flaw in flaws(noted)] == [
            (chain, ROWS, f"the chain ends at place {ROWS - 3} and was longer")
        ]

    def test_an_end_that_grew_again_is_not_the_one_that_was_noted(
        self, linked_trail: dict[str, list[int]], clinic: Clinic, noted: dict[int, Head]
    ) -> None:
        """The places are filled with other rows, linked by the database itself."""
        cut_off(CHANGE, linked_trail["change"][-3:])
        for n in range(5):
            Clinic.objects.filter(pk=clinic.pk).update(phone=f"nicer {n}")

        assert flaws() == []
        assert [(flaw.place, flaw.what) for flaw in flaws(noted)] == [
            (ROWS, "the chain up to here is not what was noted")
        ]

    def test_what_came_after_the_noted_head_and_was_cut_off_is_seen_by_nobody(
        self, linked_trail: dict[str, list[int]], clinic: Clinic, noted: dict[int, Head]
    ) -> None:
        """Which is why the head is noted often, and where the operator of the database cannot write."""
        Clinic.objects.filter(pk=clinic.pk).update(phone="later")
        cut_off(CHANGE, [ValueChange.objects.latest("id").pk])

        assert flaws(noted) == []


def test_a_chain_that_was_forged_anew_is_not_the_one_that_was_noted(
    trail: dict[str, list[int]], clinic: Clinic
) -> None:
    noted = {clinic.pk: Head(ROWS, "00" * 32)}

    assert [flaw.what for flaw in flaws(noted)] == ["the chain up to here is not what was noted"]


class TestCommand:
    def test_it_says_how_much_it_read_and_notes_the_heads(
        self, trail: dict[str, list[int]], tmp_path: Path
    ) -> None:
        out, heads = StringIO(), tmp_path / "heads.json"

        call_command("verify_trail", write_heads=heads, stdout=out)
        call_command("verify_trail", heads=heads, stdout=out)

        assert out.getvalue() == f"{2 * ROWS} events in 2 chains are as written\n" * 2

    def test_it_names_each_flaw_and_fails(self, trail: dict[str, list[int]], clinic: Clinic) -> None:
        out = StringIO()
        owner("UPDATE audit_auditevent SET reason = 'nicer' WHERE id = %s", trail["event"][4])

        with pytest.raises(CommandError, match="1 of the trail's places"):
            call_command("verify_trail", stdout=out)

        assert (
            out.getvalue()
            == f"clinic {clinic.pk}, place 5, event {trail['event'][4]}: is not what was written\n"
        )

    def test_a_file_that_holds_no_heads_is_refused(self, tmp_path: Path) -> None:
        wrong = tmp_path / "heads.json"
        wrong.write_text("[1]", encoding="utf-8")

        with pytest.raises(CommandError, match="not a file of heads"):
            call_command("verify_trail", heads=wrong)


def test_events_of_before_the_chain_are_linked_by_the_migration(
    trail: dict[str, list[int]], clinic: Clinic
) -> None:
    before = list(AuditLink.objects.filter(chain=clinic.pk).values_list("event_id", "chain", "place", "hash"))
    owner("DELETE FROM audit_auditlink WHERE chain = %s", clinic.pk)

    with connection.schema_editor() as editor:
        import_module("apps.audit.migrations.0002_chain").link_what_is_there(apps, editor)

    assert AuditEvent.objects.count() == ROWS
    again = list(AuditLink.objects.filter(chain=clinic.pk).values_list("event_id", "chain", "place", "hash"))
    assert [(*row[:3], bytes(row[3])) for row in again] == [(*row[:3], bytes(row[3])) for row in before]
