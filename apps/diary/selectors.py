"""Reads of the diary, always within one trial or one member of staff's clinics."""

from apps.diary.models import DiaryEntry, PatientDevice
from apps.diary.schemas import CANONICAL_UUID4
from apps.problems import Problem


def entry_of(device: PatientDevice, *, entry_id: str) -> DiaryEntry:
    """The entry, if it belongs to the device's own trial; unknown and foreign ids answer alike."""
    entry = None
    if CANONICAL_UUID4.fullmatch(entry_id):
        entry = DiaryEntry.objects.filter(trial_id=device.trial_id, id=entry_id).first()
    if entry is None:
        raise Problem(404, "not_found", "No such entry in this trial.")
    return entry
