from django.db import migrations

from apps.row_security import force, hold, of_all_its, policy

JOB = 'cohorts_exportjob'


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0003_row_security'),
        ('cohorts', '0004_export_jobs'),
    ]

    operations = [migrations.RunSQL(*one) for one in (
        force(JOB),
        policy(JOB, of_all_its('cohorts_snapshotclinic', table=JOB, by='snapshot_id')),
        *hold(parents={'cohorts_exportpart': (JOB, 'job_id')}),
    )]
