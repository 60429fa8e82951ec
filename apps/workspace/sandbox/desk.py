"""One JSON object in, one out: the sandbox's staff and its record for whoever tests an app against it."""

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist

from apps.workspace.sandbox import record, trials

Message = Mapping[str, Any]


def answer_line(line: str) -> str:
    """The reply to one line. Whatever is wrong with it is said there, and the next line is served."""
    try:
        message = json.loads(line)
        reply = {"ok": True, **_verb(message)(message)}
    except KeyError as error:
        reply = {"ok": False, "error": f"{error.args[0]} is missing"}
    except (ObjectDoesNotExist, TypeError, ValueError) as error:
        reply = {"ok": False, "error": str(error)}
    return json.dumps(reply)


def _verb(message: Message) -> Callable[[Message], dict[str, Any]]:
    if message["do"] not in VERBS:
        raise trials.NoSuchThing(f"{message['do']!r} is none of {', '.join(VERBS)}")
    return VERBS[message["do"]]


def _hello(message: Message) -> dict[str, Any]:
    version = settings.SPECTACULAR_SETTINGS["VERSION"]
    return {"server_version": f"sctrial, API {version}", "api_version": version}


def _new_trial(message: Message) -> dict[str, Any]:
    trial = trials.new_trial(message["name"], message["trial"], at=_at(message))
    return {"trial": str(trial.pk)}


def _invite(message: Message) -> dict[str, Any]:
    return trials.invite(UUID(message["trial"]), holder=message.get("holder", "patient"), at=_at(message))


def _staff(message: Message) -> dict[str, Any]:
    on = date.fromisoformat(message["on"]) if "on" in message else None
    trials.act(UUID(message["trial"]), message["act"], at=_at(message), on=on)
    return {}


def _record(message: Message) -> dict[str, Any]:
    return record.record_of(UUID(message["trial"]))


def _at(message: Message) -> datetime:
    return datetime.fromisoformat(message["at"])


VERBS: Mapping[str, Callable[[Message], dict[str, Any]]] = {
    "hello": _hello,
    "new_trial": _new_trial,
    "invite": _invite,
    "staff": _staff,
    "record": _record,
}
