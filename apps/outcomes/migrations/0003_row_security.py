from django.db import migrations

from apps.row_security import hold


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0003_row_security'),
        ('outcomes', '0002_decisions'),
    ]

    operations = [migrations.RunSQL(*one) for one in hold(
        parents={
            'outcomes_evidence': ('trials_stimulationtrial', 'trial_id'),
            'outcomes_assessment': ('trials_stimulationtrial', 'trial_id'),
            'outcomes_trialcurrency': ('trials_stimulationtrial', 'trial_id'),
            'outcomes_decision': ('trials_stimulationtrial', 'trial_id'),
            'outcomes_signature': ('outcomes_decision', 'decision_id'),
        },
    )]
