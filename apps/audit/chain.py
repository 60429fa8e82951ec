"""How events are chained: each hash is over the event's own columns and the hash before it in its clinic.

The database writes the chain, and ``sctrial.trail`` describes the same bytes in Python; a test holds one
against the other.
"""

from typing import Final

CHAIN_OF_AN_EVENT: Final = "coalesce(clinic_id, 0)"
#: Each column as text, in this order; what is null is said by a length that no text has.
Columns = tuple[tuple[str, str], ...]
COLUMNS: Final[Columns] = (
    ("id", "{row}id::text"),
    ("at", """to_char({row}at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')"""),
    ("actor", "{row}actor"),
    ("clinic_id", "{row}clinic_id::text"),
    ("action", "{row}action"),
    ("object_type", "{row}object_type"),
    ("object_id", "{row}object_id"),
    ("reason", "{row}reason"),
    ("request_id", "{row}request_id"),
    ("detail", "{row}detail::text"),
)
#: Changes of values have chains of their own, numbered below zero.
CHAIN_OF_A_CHANGE: Final = "-1 - coalesce(clinic_id, 0)"
CHANGE: Final[Columns] = (
    *COLUMNS[:4],
    ("operation", "{row}operation"),
    ("table", '{row}"table"'),
    ("row_id", "{row}row_id"),
    ("old", "{row}old::text"),
    ("new", "{row}new::text"),
    ("transaction", "{row}transaction::text"),
)


def texts_of(row: str, *, columns: Columns = COLUMNS) -> str:
    """The columns of an event as a list of SQL expressions; ``row`` is a prefix such as ``NEW.``."""
    return ", ".join(expression.format(row=row) for _, expression in columns)


def linking(columns: Columns, *, chain: str) -> str:
    """Of a trigger that runs once a row, at the commit. Whoever commits in the same clinic meanwhile waits.

    A clinic has one lock for its two chains: two locks could be taken in two orders. What is no query is an
    expression, which PL/pgSQL works out without planning and running one.
    """
    of = chain.replace("clinic_id", "NEW.clinic_id")
    return f"""
    IF pg_advisory_xact_lock(hashtextextended('audit chain', coalesce(NEW.clinic_id, 0))) IS NULL THEN
        RAISE EXCEPTION 'the chain of clinic % is not locked', NEW.clinic_id;
    END IF;
    SELECT place, hash INTO last FROM audit_auditlink
        WHERE chain = {of} ORDER BY place DESC LIMIT 1;
    link := sha256(coalesce(last.hash, decode(repeat('00', 32), 'hex')) || convert_to(
        {framed_texts_of("NEW.", columns=columns)}, 'UTF8'));
    INSERT INTO audit_auditlink (event_id, chain, place, hash)
        VALUES (NEW.id, {of}, coalesce(last.place, 0) + 1, link);
    RETURN NULL;
"""  # noqa: S608 - columns of the tables above


def framed_texts_of(row: str, *, columns: Columns) -> str:
    """The columns one after the other as one SQL text, each with its length in bytes in front."""
    texts = (expression.format(row=row) for _, expression in columns)
    return " || ".join(f"coalesce(octet_length({text})::text || ':' || {text}, '-')" for text in texts)
