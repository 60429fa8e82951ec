"""An answer of each shape for programs of analysts, for the description. Everything in it is made up."""

from collections.abc import Mapping
from typing import Any, Final

DIGEST: Final = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
SNAPSHOT: Final = {
    "id": "2026-11-23-9f86d081884c7d65",
    "question": "modality=DRG",
    "form": "study_days",
    "made_at": "2026-11-23T09:00:00+00:00",
}
DETAIL: Final = {
    **SNAPSHOT,
    "engine": "0.1.0",
    "rule_sets": ["MAC_NORIDIAN 2023.1"],
    "tables": [{"name": "daily", "rows": 412, "sha256": DIGEST}],
    "cdisc_style": ["adsl", "adqs", "adtte", "qs"],
    "formats": ["csv", "parquet"],
    "formats_of_all": ["xlsx", "sqlite"],
}
EXPORT: Final = {
    "id": "7d9f2b1a-3c4d-4e5f-8a6b-1c2d3e4f5a6b",
    "snapshot": SNAPSHOT["id"],
    "table": "daily",
    "format": "csv",
    "state": "running",
    "rows_done": 200,
    "rows_known": 412,
    "error": "",
    "asked_at": "2026-11-23T09:05:00+00:00",
    "ended_at": None,
    "expires_at": None,
    "size": 0,
    "sha256": "",
    "url": None,
}
REPORT: Final[Mapping[str, Any]] = {
    "id": "2f6b1c3d-7a8e-4b9f-9c0d-1e2f3a4b5c6d",
    "question": "modality=DRG&clinic=1",
    "audience": "shared",
    "state": "running",
    "error": "",
    "asked_at": "2026-11-23T09:05:00+00:00",
    "made_at": None,
    "ended_at": None,
    "expires_at": None,
    "files": [],
}
SCHEDULE: Final[Mapping[str, Any]] = {
    "id": 7,
    "makes": "snapshot",
    "question": "modality=DRG&clinic=1",
    "form": "study_days",
    "audience": None,
    "every": "week",
    "day": 1,
    "hour": 6,
    "clinic": 1,
    "zone": "Europe/Berlin",
    "state": "active",
    "stopped_because": "",
    "made_at": "2026-11-23T09:00:00+00:00",
    "next_at": "2026-11-30T05:00:00+00:00",
    "last": None,
}
#: By the name of the shape.
EXAMPLES: Final[Mapping[str, Mapping[str, Any]]] = {
    "KeyOut": {
        "name": "Notebook",
        "prefix": "Ab3dE6gH",
        "scopes": ["snapshots.read"],
        "expires_at": "2027-02-21T09:00:00+00:00",
        "person": "made-up-analyst",
        "clinics": [{"id": 1, "name": "Sandbox clinic (invented)", "role": "analyst"}],
    },
    "SnapshotsOut": {"results": [SNAPSHOT], "next": None},
    "SnapshotDetailOut": DETAIL,
    "LinkOut": {
        "url": "https://sctrial.example/api/v1/cohorts/links/sealed-address",
        "expires_at": "2026-11-23T10:00:00+00:00",
    },
    "ExportOut": EXPORT,
    "ExportsOut": {"results": [EXPORT], "next": None},
    "ReportJobOut": REPORT,
    "ReportJobsOut": {"results": [REPORT], "next": None},
    "ScheduleOut": SCHEDULE,
    "SchedulesOut": {"results": [SCHEDULE], "next": None},
    "ReportOut": {
        "title": "Cohort report",
        "question": "Dorsal root ganglion trials",
        "address": "https://sctrial.example/staff/cohorts/?modality=DRG",
        "clinics": ["3 clinics"],
        "rule_sets": ["MAC_NORIDIAN 2023.1"],
        "engine": "0.1.0",
        "data": f"sha256:{DIGEST}",
        "made_at": "2026-11-23T09:00:00+00:00",
        "shared": True,
        "notice": "Not a medical device, not CE marked.",
        "figures": [
            {
                "key": "flow",
                "title": "From the referral to the implant",
                "how_to_read": "Each line is a stage; below it who left, and why.",
                "percent_of": "trials of the cohort",
                "n": 40,
                "missing": "nobody",
                "notes": [],
                "columns": ["Stage", "Trials"],
                "rows": [["Leads placed", 40], ["Implanted", 25]],
            }
        ],
    },
}
