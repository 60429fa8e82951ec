from django.db import migrations

from apps.row_security import hold


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0003_row_security'),
        ('trials', '0004_stimulation_and_after'),
    ]

    operations = [migrations.RunSQL(*one) for one in hold(
        'trials_stimulationtrial',
        'trials_clinicruleset',
        parents={
            'trials_permanentimplant': ('trials_stimulationtrial', 'trial_id'),
            'trials_adverseevent': ('trials_stimulationtrial', 'trial_id'),
            'trials_lead': ('trials_stimulationtrial', 'trial_id'),
            'trials_externalstimulator': ('trials_stimulationtrial', 'trial_id'),
            'trials_programinterval': ('trials_stimulationtrial', 'trial_id'),
            'trials_extension': ('trials_stimulationtrial', 'trial_id'),
            'trials_followup': ('trials_permanentimplant', 'implant_id'),
            'trials_revision': ('trials_permanentimplant', 'implant_id'),
            'trials_explant': ('trials_permanentimplant', 'implant_id'),
        },
    )]
