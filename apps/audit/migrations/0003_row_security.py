"""The role that the service connects as, what it may do, and whose events it is shown."""

from django.db import migrations

from apps.row_security import POLICY, ROLE, force, of_the_clinic

MAKE_ROLE = f"""
DO $$ BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '{ROLE}') THEN
        CREATE ROLE {ROLE} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
    END IF;
END $$
"""
GRANT = f"""
GRANT USAGE ON SCHEMA public TO {ROLE};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {ROLE};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {ROLE};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {ROLE};
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {ROLE};
REVOKE UPDATE, DELETE ON audit_auditevent, audit_auditlink FROM {ROLE};
"""
REVOKE = f"""
ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON TABLES FROM {ROLE};
ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON SEQUENCES FROM {ROLE};
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {ROLE};
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {ROLE};
REVOKE ALL ON SCHEMA public FROM {ROLE};
"""


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0002_chain'),
    ]

    operations = [
        # Another database of this server may use the role as well: it stays when this is undone.
        migrations.RunSQL(MAKE_ROLE, migrations.RunSQL.noop),
        migrations.RunSQL(GRANT, REVOKE),
        migrations.RunSQL(*force('audit_auditevent')),
        # An event is written whatever is shown: a refusal in another clinic is an event too.
        migrations.RunSQL(
            f"CREATE POLICY {POLICY} ON audit_auditevent FOR SELECT USING (clinic_id IS NULL OR {of_the_clinic()})",
            f"DROP POLICY {POLICY} ON audit_auditevent",
        ),
        migrations.RunSQL(
            "CREATE POLICY written ON audit_auditevent FOR INSERT WITH CHECK (true)",
            "DROP POLICY written ON audit_auditevent",
        ),
    ]
