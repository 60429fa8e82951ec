"""PostgreSQL lets a membership be written where its clinic is run, and read as before."""

from django.db import migrations

from apps.row_security import written_by_who_runs_it


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_emergency_access"),
        # It puts a trigger on every table that is held by then; memberships are held after it.
        ("cohorts", "0011_only_read"),
    ]

    operations = [
        migrations.RunSQL(*statements) for statements in written_by_who_runs_it("accounts_staffmembership")
    ]
