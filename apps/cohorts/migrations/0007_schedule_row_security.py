from django.db import migrations

from apps.row_security import hold


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0003_row_security'),
        ('cohorts', '0006_schedules'),
    ]

    operations = [migrations.RunSQL(*one) for one in hold(
        'cohorts_reportschedule',
        parents={'cohorts_reportrun': ('cohorts_reportschedule', 'schedule_id')},
    )]
