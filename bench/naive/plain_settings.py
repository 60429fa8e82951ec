"""The anchor has no middleware at all."""

from bench.naive.settings import (
    ALLOWED_HOSTS,
    DATABASES,
    DEFAULT_AUTO_FIELD,
    INSTALLED_APPS,
    SECRET_KEY,
    USE_TZ,
)

__all__ = ["ALLOWED_HOSTS", "DATABASES", "DEFAULT_AUTO_FIELD", "INSTALLED_APPS", "SECRET_KEY", "USE_TZ"]
MIDDLEWARE: list[str] = []
ROOT_URLCONF = "bench.naive.plain"
