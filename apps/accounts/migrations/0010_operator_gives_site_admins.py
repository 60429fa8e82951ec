"""PostgreSQL lets the operator give the role of a site admin, and no other."""

from django.db import migrations

from apps.row_security import site_admins_by_the_operator


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_people_of_a_clinic")]

    operations = [
        migrations.RunSQL(*statements)
        for statements in site_admins_by_the_operator("accounts_staffmembership")
    ]
