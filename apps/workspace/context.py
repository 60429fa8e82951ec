"""What every staff template may say about this installation."""

from django.conf import settings
from django.http import HttpRequest


def workspace(request: HttpRequest) -> dict[str, object]:
    return {"is_demo": settings.DEMO, "passkey_origin": settings.PASSKEY_ORIGIN}
