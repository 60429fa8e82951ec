from django.db import migrations

from apps.row_security import hold


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0003_row_security'),
        ('patients', '0003_before_the_trial'),
    ]

    operations = [migrations.RunSQL(*one) for one in hold(
        'patients_patient',
        parents={
            'patients_zonechange': ('patients_patient', 'patient_id'),
            'patients_patientidentity': ('patients_patient', 'patient_id'),
            'patients_diagnosis': ('patients_patient', 'patient_id'),
            'patients_painregions': ('patients_patient', 'patient_id'),
            'patients_conservativetherapy': ('patients_patient', 'patient_id'),
            'patients_priorauthorisation': ('patients_patient', 'patient_id'),
            'patients_eligibilityreview': ('patients_patient', 'patient_id'),
        },
    )]
