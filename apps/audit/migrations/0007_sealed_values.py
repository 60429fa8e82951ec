from django.db import migrations

from apps.audit.values import MAKE_SEAL, SEAL
from apps.row_security import POLICY, of_the_clinic

DROP = f'DROP POLICY {POLICY} ON audit_valuechange'
SHOW = f'CREATE POLICY {POLICY} ON audit_valuechange FOR SELECT USING ({{}})'


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0006_everybody_is_named'),
    ]

    operations = [
        migrations.RunSQL(MAKE_SEAL, f'DROP FUNCTION {SEAL}(jsonb, text[], text)'),
        # What is of no clinic is an account, which is shown to no request for its clinic's sake.
        migrations.RunSQL(DROP, SHOW.format(f'clinic_id IS NULL OR {of_the_clinic()}')),
        migrations.RunSQL(SHOW.format(of_the_clinic()), DROP),
    ]
