"""Every table that is held so far is not written in a request that only reads."""

from django.db import migrations

from apps.row_security import every_held_table_only_read


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0009_looks_by_emergency'),
        ('patients', '0008_erased_identity'),
        ('trials', '0010_target_regions'),
        ('diary', '0010_struck_out'),
        ('outcomes', '0005_recompute_runs'),
        ('cohorts', '0010_report_row_security'),
    ]

    operations = [migrations.RunSQL(*every_held_table_only_read())]
