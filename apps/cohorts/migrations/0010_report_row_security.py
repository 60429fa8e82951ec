from django.db import migrations

from apps.row_security import force, hold, of_all_named, policy

JOB = 'cohorts_reportjob'


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0003_row_security'),
        ('cohorts', '0009_report_jobs'),
    ]

    operations = [migrations.RunSQL(*one) for one in (
        force(JOB),
        policy(JOB, of_all_named('clinic_ids')),
        *hold(parents={'cohorts_reportfile': (JOB, 'job_id')}),
    )]
