"""One signal tells the trials above that a patient's record changed, without an import upwards."""

from django.dispatch import Signal

# Sent inside the transaction of the change, with ``patient_id``. Heard in apps.trials.receivers.
patient_record_changed = Signal()
