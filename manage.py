#!/usr/bin/env python3
"""Django's command line for this project."""

import os
import sys

from django.core.management import execute_from_command_line

from config.postgres.scope import serve_every_clinic

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    serve_every_clinic(actor=f"job:{sys.argv[1]}" if sys.argv[1:] else "")
    execute_from_command_line(sys.argv)
