"""Requests with the replies they must have, sent to the sandbox one after the other."""

import http.client
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kit.clock import Clock
from kit.compare import Difference
from kit.control import Control
from kit.placeholders import Names
from kit.proxy import Proxy, Reply

PATIENCE = 30.0


@dataclass(frozen=True, kw_only=True)
class Golden:
    """One file: a trial, a moment, exchanges in order. `staff` in place of a request acts as the clinic."""

    name: str
    title: str
    at: datetime
    trial: Mapping[str, Any]
    exchanges: tuple[Mapping[str, Any], ...]


def load(folder: Path) -> list[Golden]:
    return [read(path) for path in sorted(folder.glob("*.json"))]


def read(path: Path) -> Golden:
    raw = json.loads(path.read_text(encoding="utf-8"))
    return Golden(
        name=path.stem,
        title=raw["title"],
        at=datetime.fromisoformat(raw["at"]),
        trial=raw["trial"],
        exchanges=tuple(raw["exchanges"]),
    )


def replay(golden: Golden, *, server: str, control: Control) -> Iterator[Difference]:
    """What differs. The trial is new, so a second run finds what the first one found."""
    clock, names = Clock(golden.at), Names()
    trial = control.ask("new_trial", at=clock.now(), name=golden.name, trial=dict(golden.trial))["trial"]
    names.values["<uuid4:trial>"] = trial
    with Proxy(server, clock=clock) as proxy:
        names.values["<server>"] = proxy.url
        for exchange in golden.exchanges:
            if "at" in exchange:
                clock.set(datetime.fromisoformat(exchange["at"]))
            if "staff" in exchange:
                _act(exchange["staff"], trial=trial, control=control, clock=clock, names=names)
            else:
                yield from _exchange(exchange, golden=golden, proxy=proxy, names=names)


def _act(staff: Mapping[str, Any], *, trial: str, control: Control, clock: Clock, names: Names) -> None:
    """`invite` gives the pairing code a name; the rest changes the trial."""
    if staff["act"] == "invite":
        holder = staff.get("holder", "patient")
        made = control.ask("invite", at=clock.now(), trial=trial, holder=holder)
        names.values[f"<code:{staff['as']}>"] = made["code"]
        names.values[f"<secret:{staff['as']}>"] = made["secret"]
    else:
        control.ask("staff", at=clock.now(), trial=trial, **staff)


def _exchange(
    exchange: Mapping[str, Any], *, golden: Golden, proxy: Proxy, names: Names
) -> Iterator[Difference]:
    reply = send(proxy.url, names.fill(exchange["request"]))
    expected, where = exchange["reply"], f"{golden.name}: {exchange['name']}"
    if reply.status != expected["status"]:
        yield Difference(
            code="status",
            where=where,
            expected=expected["status"],
            found=f"{reply.status} {reply.body[:400]!r}",
        )
        return
    for name, value in expected.get("headers", {}).items():
        for _, wanted, got in names.differences(value, reply.header(name)):
            yield Difference(code="header", where=f"{where}: {name}", expected=wanted, found=got)
    if "body" in expected:
        for place, wanted, got in names.differences(expected["body"], reply.json()):
            yield Difference(code="body", where=f"{where}: {place}", expected=wanted, found=got)


def send(server: str, request: Mapping[str, Any]) -> Reply:
    """`text` in place of `body` is sent as it stands."""
    body = request.get("text", json.dumps(request["body"]) if "body" in request else "")
    headers = ({"Content-Type": "application/json"} if body else {}) | request.get("headers", {})
    connection = http.client.HTTPConnection(urlsplit(server).netloc, timeout=PATIENCE)
    try:
        connection.request(request["method"], request["path"], body=body.encode() or None, headers=headers)
        answer = connection.getresponse()
        return Reply(status=answer.status, headers=answer.getheaders(), body=answer.read())
    finally:
        connection.close()
