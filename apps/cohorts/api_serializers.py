"""Rows as answers to programs of analysts."""

from typing import Any

from apps.accounts.models import ApiKey
from apps.cohorts.downloads import OF_TABLE
from apps.cohorts.models import Snapshot
from sctrial.dictionary import read_dictionary


def snapshot_json(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "id": snapshot.pk,
        "question": snapshot.question,
        "form": snapshot.form,
        "made_at": snapshot.made_at.isoformat(),
    }


def detail_json(snapshot: Snapshot) -> dict[str, Any]:
    manifest = snapshot.manifest
    return snapshot_json(snapshot) | {
        "engine": manifest["engine"],
        "rule_sets": manifest["rule_sets"],
        "tables": [{"name": name, **manifest["tables"][name]} for name in read_dictionary()],
        "formats": list(OF_TABLE),
    }


def key_json(key: ApiKey) -> dict[str, Any]:
    places = key.user.memberships.select_related("clinic").order_by("clinic_id")
    return {
        "name": key.name,
        "prefix": key.prefix,
        "scopes": key.scopes,
        "expires_at": key.expires_at.isoformat(),
        "person": key.user.get_username(),
        "clinics": [
            {"id": place.clinic_id, "name": place.clinic.name, "role": place.role} for place in places
        ],
    }
