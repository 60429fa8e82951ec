from django.db import migrations

from apps.row_security import hold


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0003_row_security'),
        ('diary', '0003_staff_asks'),
    ]

    operations = [migrations.RunSQL(*one) for one in hold(
        'diary_reminderpolicy',
        parents={
            'diary_patientdevice': ('trials_stimulationtrial', 'trial_id'),
            'diary_pairingcode': ('trials_stimulationtrial', 'trial_id'),
            'diary_consentevent': ('trials_stimulationtrial', 'trial_id'),
            'diary_diaryanswer': ('trials_stimulationtrial', 'trial_id'),
            'diary_diaryimport': ('trials_stimulationtrial', 'trial_id'),
            'diary_diaryentry': ('trials_stimulationtrial', 'trial_id'),
            'diary_opioiduse': ('trials_stimulationtrial', 'trial_id'),
            'diary_questionnaireresponse': ('trials_stimulationtrial', 'trial_id'),
            'diary_reminder': ('trials_stimulationtrial', 'trial_id'),
            'diary_parkedanswer': ('trials_stimulationtrial', 'trial_id'),
            'diary_correctionrequest': ('trials_stimulationtrial', 'trial_id'),
            'diary_stafftask': ('trials_stimulationtrial', 'trial_id'),
        },
    )]
