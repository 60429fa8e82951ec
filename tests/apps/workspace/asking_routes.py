"""Walk every route, and ask each as each kind of person: inside a savepoint, so that nothing is left."""

import re
from collections.abc import Iterator
from http.cookies import SimpleCookie
from typing import Any, Final

from django.apps import apps
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from apps.accounts.models import Clinic, Role, User
from tests.apps.workspace.every_row import OF_THE_SIGNED, row_at
from tests.factories import make_device, make_staff

PART: Final = re.compile(r"<(?:\w+:)?(\w+)>")
#: A page of an app, and whatever else stands below /staff/, are patterns of Django's own.
SENT: Final = "expected=trial_active"
ASKED: Final = {"write-down/": "?question=sleep"}
PROPOSED: Final = {"clinicruleset": "rule set", "importproposal": "proposed import"}
NAMED: Final = {
    "app_label": "trials",
    "url": "nothing-here",
    "id": "user",
    "table": "daily",
    "sealed": "made-up",
}


def routes(resolver: Any = None, before: str = "/") -> Iterator[str]:
    """Every route of the service as one text, such as ``/staff/trials/stimulationtrial/<uuid:pk>/sign/``."""
    for one in (resolver or get_resolver()).url_patterns:
        text = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from routes(one, text)
        elif isinstance(one, URLPattern):
            yield readable(text)


def readable(route: str) -> str:
    """Django writes two patterns of its admin as expressions; their parts have names all the same."""
    return re.sub(r"\^?\(\?P(<\w+>)(?:[^()]|\([^()]*\))*\)/?\$", r"\1/", route).replace("<url>/", "<url>")


def address(route: str, *, clinic: Clinic, rows: dict[str, Any]) -> str:
    path = PART.sub(lambda part: str(value_of(part[1], route, clinic=clinic, rows=rows)), route)
    return path + next((query for end, query in ASKED.items() if route.endswith(end)), "")


def value_of(name: str, route: str, *, clinic: Clinic, rows: dict[str, Any]) -> object:
    _, _, app, model, *_ = [*route.split("/"), "", ""]
    if name in ("object_id", "id"):
        return row_at(apps.get_model(app, model), clinic).pk
    if name == "pk" and model in PROPOSED:
        return rows[PROPOSED[model]]
    if name == "pk":
        return rows["signed" if any(end in route for end in OF_THE_SIGNED) else "trial"].pk
    return rows[name] if name in rows else NAMED[name]


class Asker:
    """Somebody with a browser, or a phone with its token."""

    def __init__(self, user: User | None = None, *, token: str = "") -> None:
        self.client = Client(headers={"Authorization": f"Bearer {token}"} if token else None)
        if user is not None:
            self.client.force_login(user)
        self.cookies = self.client.cookies.output(header="", sep=";")

    def ask(self, method: str, url: str) -> int:
        """The status of the answer; whatever the request did is undone."""
        self.client.cookies = SimpleCookie(self.cookies)
        with transaction.atomic():
            body = {} if method == "GET" else sent_to(url)
            status: int = getattr(self.client, method.lower())(url, **body).status_code
            transaction.set_rollback(True)
        return status


def sent_to(url: str) -> dict[str, str]:
    """As little as an answer that is no refusal needs."""
    if url.startswith("/api/"):
        return {"data": "{}", "content_type": "application/json"}
    return {"data": SENT, "content_type": "application/x-www-form-urlencoded"}


def askers(clinic: Clinic, *, rows: dict[str, Any]) -> dict[str, Asker]:
    """By the names of the table's columns."""
    staff = {role.value: make_staff(role.value, clinic=clinic, role=role) for role in Role}
    system = User.objects.create_superuser("system", password="correct-horse-battery-staple")
    nobody = make_staff("no clinic", clinic=None)
    _, token = make_device(rows["trial"], at=rows["trial"].created_at)
    people = staff | {"system": system, "no_clinic": nobody, "anonymous": None}
    return {name: Asker(user) for name, user in people.items()} | {"phone": Asker(token=token)}
