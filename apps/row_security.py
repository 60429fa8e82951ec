"""Rows of a clinic are shown by PostgreSQL only where that clinic is asked for (docs/adr/0014).

Used by migrations. ``sctrial.clinics`` holds an array of ids such as ``{1,2}``, or ``all``; unset shows
nothing.
"""

from collections.abc import Mapping
from typing import Final

#: What the service connects as: no owner of anything, and held by every policy.
ROLE: Final = "sctrial_app"
SETTING: Final = "sctrial.clinics"
#: Who changes rows, for the triggers that keep their values.
ACTOR: Final = "sctrial.actor"
#: The clinics whose memberships may be written, or ``all`` (docs/adr/0030).
PEOPLE: Final = "sctrial.people"
EVERYTHING: Final = "all"
#: Among those clinics, for the operator: the site admins of each. No clinic has this number.
SITE_ADMINS: Final = 0
POLICY: Final = "of_the_clinic"
OF_WHO_RUNS_IT: Final = "of_who_runs_the_clinic"
READ_BY_ALL: Final = "read_by_all"
GIVEN: Final = "site_admins_given_by_the_operator"
TAKEN: Final = "site_admins_taken_by_the_operator"
CLINIC: Final = "clinic_id"
#: What a migration runs forwards, and backwards.
Statements = tuple[str, str]

# In brackets of their own, so that the setting is read once a statement and not once a row.
_ASKED: Final = f"(SELECT current_setting('{SETTING}', true))"
_IS_EVERYTHING: Final = f"{_ASKED} = '{EVERYTHING}'"
_RUN: Final = f"(SELECT nullif(nullif(current_setting('{PEOPLE}', true), ''), '{EVERYTHING}'))::bigint[]"
_CLINICS: Final = f"(SELECT nullif(nullif(current_setting('{SETTING}', true), ''), '{EVERYTHING}'))::bigint[]"


def of_the_clinic() -> str:
    """A row that names its clinic."""
    return f"{_IS_EVERYTHING} OR {CLINIC} = ANY ({_CLINICS})"


def of_its(table: str, *, parent: str, by: str) -> str:
    """A row is seen with its parent, which has a policy of its own."""
    return f"{_IS_EVERYTHING} OR EXISTS (SELECT 1 FROM {parent} AS held WHERE held.id = {table}.{by})"  # noqa: S608


def of_all_its(link: str, *, table: str, by: str) -> str:
    """A row is seen by who may see every clinic that ``link`` names for it under the same ``by``."""
    of_it = f"SELECT 1 FROM {link} AS one WHERE one.{by} = {table}.{by}"  # noqa: S608
    return (
        f"{_IS_EVERYTHING} OR (EXISTS ({of_it}) AND NOT EXISTS"
        f" ({of_it} AND NOT coalesce(one.{CLINIC} = ANY ({_CLINICS}), false)))"
    )


def of_all_named(column: str) -> str:
    """A row is seen by who may see every clinic in its own list of them."""
    return f"{_IS_EVERYTHING} OR (cardinality({column}) > 0 AND {column} <@ {_CLINICS})"


def of_the_service() -> str:
    """A row about every clinic, and shown to none."""
    return _IS_EVERYTHING


def hold(*tables: str, parents: Mapping[str, tuple[str, str]] | None = None) -> list[Statements]:
    """What holds ``tables`` by their clinic, and others by ``{table: (parent, column)}``."""
    rules = {table: of_the_clinic() for table in tables}
    rules |= {table: of_its(table, parent=one, by=by) for table, (one, by) in (parents or {}).items()}
    return [statements for table, rule in rules.items() for statements in (force(table), policy(table, rule))]


def written_by_who_runs_it(table: str) -> list[Statements]:
    """Everybody reads it, for the scope is made from it; a row is written where its clinic is run."""
    rule = f"(SELECT current_setting('{PEOPLE}', true)) = '{EVERYTHING}' OR {CLINIC} = ANY ({_RUN})"
    return [
        force(table),
        policy(table, rule, name=OF_WHO_RUNS_IT),
        (
            f"CREATE POLICY {READ_BY_ALL} ON {table} FOR SELECT USING (true)",
            f"DROP POLICY {READ_BY_ALL} ON {table}",
        ),
    ]


def site_admins_by_the_operator(table: str) -> list[Statements]:
    """The operator makes site admins and takes that role away; who runs the clinic gives the others."""
    is_operator = f"{SITE_ADMINS} = ANY ({_RUN})"
    rule = f"{is_operator} AND role = 'site_admin'"
    ended = f"{is_operator} AND role IN ('site_admin', 'former')"
    return [
        (
            f"CREATE POLICY {GIVEN} ON {table} FOR INSERT WITH CHECK ({rule})",
            f"DROP POLICY {GIVEN} ON {table}",
        ),
        (
            f"CREATE POLICY {TAKEN} ON {table} FOR UPDATE USING ({is_operator}) WITH CHECK ({ended})",
            f"DROP POLICY {TAKEN} ON {table}",
        ),
    ]


def force(table: str) -> Statements:
    return (
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY",
    )


def policy(table: str, rule: str, *, name: str = POLICY) -> Statements:
    return f"CREATE POLICY {name} ON {table} USING ({rule})", f"DROP POLICY {name} ON {table}"


#: "on" where a request may be shown rows that it must not write (docs/adr/0029).
ONLY_READS: Final = "sctrial.only_reads"
MAKE_REFUSAL: Final[Statements] = (
    """
    CREATE FUNCTION refuse_write() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'This request only reads: % is not written', TG_TABLE_NAME
            USING ERRCODE = 'insufficient_privilege';
    END $$
    """,
    "DROP FUNCTION refuse_write()",
)
_REFUSE: Final = (
    "CREATE OR REPLACE TRIGGER only_read BEFORE INSERT OR UPDATE OR DELETE ON {table} FOR EACH STATEMENT"
    f" WHEN (current_setting('{ONLY_READS}', true) = 'on') EXECUTE FUNCTION refuse_write()"
)


def only_read(table: str) -> Statements:
    """A held table is not written in a request that only reads: each new one needs this too."""
    return _REFUSE.format(table=table), f"DROP TRIGGER only_read ON {table}"


def every_held_table_only_read() -> Statements:
    """All that are held so far, but for the trail: what is looked at is written down there."""
    each = (
        "DO $do$ DECLARE held regclass; BEGIN FOR held IN SELECT oid::regclass FROM pg_class"
        " WHERE relrowsecurity AND relname NOT LIKE 'audit@_%' ESCAPE '@'"
        " LOOP EXECUTE {statement}; END LOOP; END $do$"
    )
    make = "format($one$" + _REFUSE.format(table="%s") + "$one$, held)"
    drop = "format('DROP TRIGGER only_read ON %s', held)"
    return each.replace("{statement}", make), each.replace("{statement}", drop)
