"""manage.py analytics_grant ROLE: as the owner of the tables, once for each BI tool."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.cohorts.analytics import CannotShow, grant_reading


class Command(BaseCommand):
    help = "Let a PostgreSQL role read the views analytics.*, and nothing else"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("role", help="a login of PostgreSQL made for the tool")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            grant_reading(options["role"])
        except CannotShow as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(f"{options['role']} may read analytics.* and write nothing.")
