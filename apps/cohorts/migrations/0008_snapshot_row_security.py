from django.db import migrations

from apps.row_security import force, of_all_its, policy

TABLE = 'cohorts_snapshottable'


class Migration(migrations.Migration):

    dependencies = [
        ('cohorts', '0007_schedule_row_security'),
    ]

    # Not the snapshots themselves, nor which clinics are in them: docs/adr/0014 says why.
    operations = [migrations.RunSQL(*one) for one in (
        force(TABLE),
        policy(TABLE, of_all_its('cohorts_snapshotclinic', table=TABLE, by='snapshot_id')),
    )]
