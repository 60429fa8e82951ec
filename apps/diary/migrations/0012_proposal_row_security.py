from django.db import migrations

from apps.row_security import hold, only_read

PROPOSAL = 'diary_importproposal'


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0009_looks_by_emergency'),
        # Which gives every held table before this one the same trigger, and takes it away again.
        ('cohorts', '0011_only_read'),
        ('diary', '0011_import_proposals'),
    ]

    operations = [migrations.RunSQL(*one) for one in (*hold(PROPOSAL), only_read(PROPOSAL))]
