from django.db import migrations, models

from apps.audit.values import MAKE_FUNCTION


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0005_chain_by_expressions'),
    ]

    operations = [
        migrations.AlterField(
            model_name='valuechange',
            name='actor',
            field=models.CharField(help_text='staff:<id>, device:<id>, job:<name> or system', max_length=80),
        ),
        # Rows of before keep the word that was written: "service".
        migrations.RunSQL(MAKE_FUNCTION, MAKE_FUNCTION.replace("'system'", "'service'")),
    ]
