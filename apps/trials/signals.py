"""One signal ties the facts to their assessment without an import upwards."""

from django.dispatch import Signal

# Sent after a trial's evidence_version rose, with ``trial_id``. Heard in apps.outcomes.receivers.
evidence_changed = Signal()
