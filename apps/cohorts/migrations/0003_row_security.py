from django.db import migrations

from apps.row_security import hold


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0003_row_security'),
        ('cohorts', '0002_outcome_tables'),
    ]

    operations = [migrations.RunSQL(*one) for one in hold(
        'cohorts_outcometable',
        parents={'cohorts_outcomeline': ('cohorts_outcometable', 'table_id')},
    )]
