"""What `openapi.yaml` says, read once a run: with PyYAML's own parser it is four seconds each time."""

from functools import cache
from typing import Any

import yaml
from django.conf import settings

__all__ = ["api_description"]


@cache
def api_description() -> dict[str, Any]:
    """Everybody's: not to be changed."""
    text = (settings.BASE_DIR / "openapi.yaml").read_text(encoding="utf-8")
    document: dict[str, Any] = yaml.load(text, Loader=yaml.CSafeLoader)
    return document
