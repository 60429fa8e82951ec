"""manage.py rights_report > docs/rights.md"""

from typing import Any

from django.core.management.base import BaseCommand

from apps.workspace.rights import read_table
from apps.workspace.rights_page import report


class Command(BaseCommand):
    help = "Print who may do what as a page of Markdown."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(report(read_table()), ending="")
