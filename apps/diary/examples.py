"""An answer of each shape, for the description. The clinic and the patient are made up."""

from collections.abc import Mapping
from typing import Any, Final

PHONE: Final = "000 000 009 (invented)"
EMERGENCY: Final = "000 (invented)"
CLINIC: Final = {"name": "Sandbox clinic (invented)", "phone": PHONE, "emergency_phone": EMERGENCY}
TRIAL: Final = {
    "id": "b7f6b7d3-0f0e-4a55-9d0e-2f4f1f6d9c11",
    "scale": "nrs_11",
    "diary_from": "2026-10-05",
    "lead_placed_on": "2026-10-10",
    "clinic": CLINIC,
}
ENTRY_ID: Final = "5b7c1f0e-9b1d-4c2e-8f3a-0123456789ab"
ANSWER_ID: Final = "0c9d5a5e-6a52-4a3e-9c39-6e2a4d5a7b10"
CAPTURED: Final = {
    "captured_at": "2026-10-12T20:14:05+02:00",
    "zone": "Europe/Berlin",
    "diary_day": "2026-10-12",
    "window": 1,
    "timeliness": "on_time",
    "late_sync": False,
    "received_at": "2026-10-12T18:14:07+00:00",
    "originator": "patient",
    "language": "en",
    "supersedes": None,
    "receipt": "8f14e45fceea167a",
}
ENTRY: Final = {
    "id": ENTRY_ID,
    "region": "target",
    "kind": "average",
    "scale": "nrs_11",
    "value": 4,
    **CAPTURED,
    "instrument_version": "nrs-average-24h/1",
}
ANSWER: Final = {
    "id": ANSWER_ID,
    "question": "red_flags",
    "answer": {"choices": ["fever"]},
    **CAPTURED,
    "window": None,
    "instrument_version": "red-flags/1",
    "safety": {
        "clinic_phone": PHONE,
        "emergency_phone": EMERGENCY,
        "not_monitored": "Nobody reads these answers as they come in. "
        "In an emergency call the emergency number.",
    },
}
REFUSED: Final = {
    "type": "about:blank",
    "title": "Nothing was taken: see errors.",
    "status": 400,
    "code": "invalid",
    "errors": [
        {"pointer": "/value", "code": "off_scale", "detail": "Send a whole number from 0 to 10."},
    ],
}
CORRECTION: Final = {
    "id": "3d0f9b6e-2f2b-4f0c-9a64-7c1f0b8e5d21",
    "entry": ENTRY_ID,
    "answer": None,
    "reason": "wrong_number",
    "text": "I meant 3, not 8.",
    "proposed_value": 3,
    "captured_at": "2026-10-13T07:00:00+00:00",
    "received_at": "2026-10-13T07:00:02+00:00",
    "originator": "patient",
    "state": "open",
    "staff_note": "",
    "receipt": "c9f0f895fb98ab91",
}
PAIN: Final = {
    "resource": "entries",
    "region": "target",
    "kind": "average",
    "instrument_version": "nrs-average-24h/1",
    "form": {"type": "number", "minimum": 0, "maximum": 10, "step": 1},
    "wording": {
        "text": "How strong was your pain in the last 24 hours, on average? This is about: low back.",
        "help": "Think of the whole time, day and night. Then choose one number.",
        "low": "no pain",
        "high": "worst pain imaginable",
    },
}
TODAY: Final = {
    "server_time": "2026-10-12T18:15:00+00:00",
    "zone": "Europe/Berlin",
    "diary_day": "2026-10-12",
    "language": "en",
    "holder": "patient",
    "trial": {
        **TRIAL,
        "state": "trial",
        "planned_end_on": "2026-10-17",
        "ended_on": None,
        "day_starts_at_hour": 0,
        "goal": "walk to the bakery",
        "target_area": "low back",
    },
    "consent": {
        "state": "given",
        "version": "diary-consent/1",
        "language": "en",
        "at": "2026-10-05T08:00:00+00:00",
    },
    "progress": {"answered_days": 2, "closed_days": 2},
    "questions": {"target.average": PAIN},
    "days": [
        {
            "diary_day": "2026-10-12",
            "phase": "trial",
            "windows": [
                {
                    "number": 1,
                    "opens": "2026-10-12T18:00",
                    "closes": "2026-10-13T00:00",
                    "grace_until": "2026-10-13T00:15",
                    "asks": ["target.average"],
                    "answered": {},
                }
            ],
        }
    ],
}
#: By the name of the shape.
EXAMPLES: Final[Mapping[str, Mapping[str, Any]]] = {
    "EntryOut": ENTRY,
    "AnswerOut": ANSWER,
    "EntriesOut": {"results": [ENTRY], "next": None},
    "BatchOut": {
        "results": [
            {"id": ENTRY_ID, "status": 201, "entry": ENTRY},
            {"id": ANSWER_ID, "status": 400, "problem": REFUSED},
        ]
    },
    "CorrectionOut": CORRECTION,
    "CorrectionsOut": {"results": [CORRECTION], "next": None},
    "ConsentOut": {
        "id": "e1c1d2f3-9f4b-4b60-8a57-5d8e7f6a9b12",
        "decision": "given",
        "version": "diary-consent/1",
        "language": "en",
        "captured_at": "2026-10-05T08:00:00+00:00",
        "received_at": "2026-10-05T08:00:01+00:00",
        "originator": "patient",
        "receipt": "45c48cce2e2d7fbd",
    },
    "PairedOut": {
        "token": "shown-once-and-kept-by-the-phone",
        "holder": "patient",
        "trial": TRIAL,
        "server_time": "2026-10-05T07:58:00+00:00",
    },
    "DeviceOut": {
        "label": "My phone",
        "holder": "patient",
        "language": "en",
        "zone": "Europe/Berlin",
        "app_version": "1.0.0",
        "reminders": {"push": False, "email": True, "sms": False},
        "push_subscription": None,
        "push_public_key": None,
    },
    "TodayOut": TODAY,
}
