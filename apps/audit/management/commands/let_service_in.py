"""manage.py let_service_in: as the owner of the tables, after migrate."""

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from psycopg import sql

from apps.row_security import ROLE

VARIABLE = "APP_PASSWORD"


class Command(BaseCommand):
    help = f"Set the password of {ROLE}, the role that the service connects as, to {VARIABLE}."

    def handle(self, *args: Any, **options: Any) -> None:
        password = os.environ.get(VARIABLE, "")
        if not password:
            raise CommandError(f"{VARIABLE} is empty: set it to the password in the service's DATABASE_URL")
        statement = sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(ROLE), sql.Literal(password))
        with connection.cursor() as cursor:
            cursor.execute(statement)
        self.stdout.write(f"{ROLE} may connect.")
