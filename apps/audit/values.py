"""Old and new values of rows that may change, kept by triggers: bulk updates and raw SQL are caught too."""

from collections.abc import Iterable
from typing import Final

import pgtrigger

#: Made by a migration of this app; each table's triggers call it.
FUNCTION: Final = "audit_keep_values"
SEAL: Final = "audit_seal"
#: A column of random bits; without them nobody can hold a name against what was sealed.
KEY: Final = "trail_key"
SEALED: Final = "sealed:"
OF_ITSELF: Final = "coalesce(NEW.clinic_id, OLD.clinic_id)"
OF_NO_CLINIC: Final = "NULL::bigint"
OF_ITS_PATIENT: Final = (
    "SELECT clinic_id FROM patients_patient WHERE id = coalesce(NEW.patient_id, OLD.patient_id)"
)
OF_ITS_TRIAL: Final = (
    "SELECT clinic_id FROM trials_stimulationtrial WHERE id = coalesce(NEW.trial_id, OLD.trial_id)"
)
OF_ITS_IMPLANT: Final = """
    SELECT clinic_id FROM trials_stimulationtrial AS trial
    JOIN trials_permanentimplant AS implant ON implant.trial_id = trial.id
    WHERE implant.id = coalesce(NEW.implant_id, OLD.implant_id)
"""


def values_kept(
    clinic: str, *, but: Iterable[str] = (), sealed: Iterable[str] = ()
) -> list[pgtrigger.Trigger]:
    """Triggers for a model's Meta. ``clinic`` is SQL; of the columns ``but`` nothing is kept.

    Of the columns ``sealed`` a digest is kept that says whether two values are the same, as long as the row
    has its ``trail_key``.
    """
    left_out = ", ".join(f"'{name}'" for name in but)
    was, became = (_row_as_kept(row, sealed=sealed) for row in ("OLD", "NEW"))
    keep = f"""
        PERFORM {FUNCTION}(TG_TABLE_NAME::text, TG_OP, {was}, {became}, ({clinic}),
            ARRAY[{left_out}]::text[]);
        RETURN NULL;
    """
    return [
        pgtrigger.Trigger(
            name="values_added",
            when=pgtrigger.After,
            operation=pgtrigger.Insert | pgtrigger.Delete,
            func=keep,
        ),
        pgtrigger.Trigger(
            name="values_changed",
            when=pgtrigger.After,
            operation=pgtrigger.Update,
            # NULL to a value, and back, is a change too.
            condition=pgtrigger.AnyChange(exclude=list(but)),
            func=keep,
        ),
    ]


def _row_as_kept(row: str, *, sealed: Iterable[str]) -> str:
    columns = ", ".join(f"'{name}'" for name in sealed)
    if not columns:
        return f"to_jsonb({row})"
    return f"{SEAL}(to_jsonb({row}), ARRAY[{columns}], coalesce(OLD.{KEY}, NEW.{KEY})::text)"


#: Nothing and empty stay what they are: that a number was added or taken away is seen.
MAKE_SEAL: Final = f"""
CREATE FUNCTION {SEAL}(said jsonb, columns text[], key text) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
    SELECT said || coalesce(jsonb_object_agg(name, '{SEALED}' || encode(
        sha256(convert_to(key || ':' || name || ':' || (said ->> name), 'UTF8')), 'hex')), '{{}}')
    FROM unnest(columns) AS name WHERE said ->> name <> ''
$$
"""  # noqa: S608 - a name of the source

#: In a change only what differs is kept. Told apart from events by its table, ordered with them by its id.
MAKE_FUNCTION: Final = f"""
CREATE OR REPLACE FUNCTION
    {FUNCTION}(of text, did text, was jsonb, became jsonb, clinic bigint, left_out text[])
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    before jsonb := was - left_out;
    after jsonb := became - left_out;
BEGIN
    IF did = 'UPDATE' THEN
        SELECT jsonb_object_agg(key, before -> key), jsonb_object_agg(key, value) INTO before, after
            FROM jsonb_each(after) WHERE value IS DISTINCT FROM before -> key;
    END IF;
    INSERT INTO audit_valuechange
        (id, at, actor, clinic_id, operation, "table", row_id, old, new, transaction)
    VALUES (nextval(pg_get_serial_sequence('audit_auditevent', 'id')), clock_timestamp(),
        coalesce(nullif(current_setting('sctrial.actor', true), ''), 'system'), clinic,
        did, of, coalesce(became, was) ->> 'id', before, after, pg_current_xact_id()::text::bigint);
END $$
"""  # noqa: S608 - a name of the source
