"""The WSGI entry point (persistent connections; see docs/adr on why not ASGI)."""

import gc
import os
from importlib import import_module

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()
import_module("config.urls")
# What is loaded by now stays for good. The collector, which would walk through it every hundred requests, for
# a fifth of all their work, need not know of it.
gc.collect()
gc.freeze()
