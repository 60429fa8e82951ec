from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('diary', '0008_values_kept_too'),
    ]

    operations = [
        migrations.AlterField(
            model_name='parkedanswer',
            name='outcome',
            field=models.CharField(blank=True, choices=[('left', 'The record stays as it is'), ('taken', 'Taken over as a correction'), ('counts', 'It counts after all; nothing to decide')], max_length=10),
        ),
        migrations.AlterField(
            model_name='parkedanswer',
            name='why',
            field=models.CharField(choices=[('slot_taken', 'Another answer was given for the same evening'), ('already_superseded', 'The answer it changes was changed by another one'), ('unknown_version', 'The wording of the question is not known here'), ('base_elsewhere', 'The answer it changes is to another question or of another evening'), ('base_missing', 'The answer it changes has not come, and another one was given for the same evening')], max_length=30),
        ),
    ]
