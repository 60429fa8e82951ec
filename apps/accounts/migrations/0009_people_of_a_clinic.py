"""PostgreSQL lets a membership be written where its clinic is run, and read as before."""

from django.db import migrations

from apps.row_security import only_read, written_by_who_runs_it

TABLE = "accounts_staffmembership"


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_emergency_access"),
        # It drops its trigger from every held table when it is undone, so this one is undone before.
        ("cohorts", "0011_only_read"),
    ]

    operations = [
        migrations.RunSQL(*statements) for statements in (*written_by_who_runs_it(TABLE), only_read(TABLE))
    ]
