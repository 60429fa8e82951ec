"""What every staff template may say about this installation, and about what is open in an emergency."""

from django.conf import settings
from django.http import HttpRequest

from apps.workspace.emergency import open_in


def workspace(request: HttpRequest) -> dict[str, object]:
    return {
        "is_demo": settings.DEMO,
        "passkey_origin": settings.PASSKEY_ORIGIN,
        "emergency": open_in(request),
    }
