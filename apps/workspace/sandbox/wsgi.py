"""gunicorn apps.workspace.sandbox.wsgi:application, where DEMO=1 and nowhere else."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")  # noqa: TID251 — as config.wsgi does
_service = get_wsgi_application()

# Only now are there settings to read.
from apps.workspace.demo.loading import require_demo  # noqa: E402
from apps.workspace.sandbox.clock import with_told_clock  # noqa: E402

require_demo()
application = with_told_clock(_service)
