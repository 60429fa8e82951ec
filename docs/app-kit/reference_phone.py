"""A small exact phone, to read and to copy from: everything the API asks of an app, and no screen.

Standard library only; drivers/reference.py plays it. Four things carry all of it: an answer's body is fixed,
with its id, when the answer is given; it is on disk before anything is sent; only a 200 or 201 that names
its id makes it received; and the clock's error is measured from `Date`.
"""

import http.client
import json
import sqlite3
import time
import uuid
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

VERSION = "reference/1.0.0"
TABLES = """
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT);
CREATE TABLE IF NOT EXISTS answer (
    place INTEGER PRIMARY KEY, id TEXT UNIQUE, resource TEXT, question TEXT, slot TEXT, body TEXT,
    state TEXT DEFAULT 'waiting', said TEXT DEFAULT '');
"""
#: `Date` has whole seconds, and the way takes a moment: less than this is no error of the clock.
CLOCK_NOISE = timedelta(seconds=5)
GRACE = timedelta(minutes=15)
BATCH = 500
TRY_AGAIN = frozenset({408, 425, 429})
Json = dict[str, Any]


class NotNow(Exception):
    """No reply that counts: keep everything and try again later."""


class Phone:
    def __init__(self, *, server: str, storage: str, now: str, zone: str, language: str) -> None:
        self.server, self.zone, self.language = server, zone, language
        self.storage = Path(storage) / "diary.sqlite"
        self.online = True
        self.set_clock(now)
        self.start()

    # --- the device around the app: its clock, its zone, its life --------------------------------

    def set_clock(self, now: str) -> None:
        self._clock = datetime.fromisoformat(now), time.monotonic()

    def clock(self) -> datetime:
        """What the phone shows, right or wrong."""
        set_to, at = self._clock
        return set_to + timedelta(seconds=time.monotonic() - at)

    def start(self) -> None:
        self.store = sqlite3.connect(self.storage, isolation_level=None)
        self.store.execute("PRAGMA synchronous = FULL")
        self.store.executescript(TABLES)
        self.begun_at: datetime | None = None

    def kill(self) -> None:
        """As the system does it: no warning, nothing saved. What counts was on disk before."""
        self.store.close()

    def get(self, name: str, default: Any = None) -> Any:
        row = self.store.execute("SELECT value FROM setting WHERE name = ?", [name]).fetchone()
        return json.loads(row[0]) if row else default

    def put(self, name: str, value: Any) -> None:
        self.store.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", [name, json.dumps(value)])

    # --- the way to the server ----------------------------------------------------------------------

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any, str]:
        """Status, JSON and ETag. Raises NotNow for whatever is not the server's own word."""
        if not self.online or self.clock() < datetime.fromisoformat(
            self.get("not_before", "2000-01-01T00:00:00Z")
        ):
            raise NotNow("no network, or told to wait")
        if path != "pairing":
            headers["Authorization"] = f"Bearer {self.get('token')}"
        with closing(http.client.HTTPConnection(urlsplit(self.server).netloc, timeout=20)) as connection:
            try:
                text = None if body is None else json.dumps(body)
                content = {} if text is None else {"Content-Type": "application/json"}
                connection.request(method, f"/api/v1/{path}", body=text, headers=content | headers)
                reply = connection.getresponse()
                raw = reply.read()
            except (OSError, http.client.HTTPException) as error:
                raise NotNow(str(error)) from None
        return self._read(reply, raw)

    def _read(self, reply: http.client.HTTPResponse, raw: bytes) -> tuple[int, Any, str]:
        if reply.status >= 500 or reply.status in TRY_AGAIN:
            seconds = float(reply.headers.get("Retry-After") or 5)
            self.put("not_before", (self.clock() + timedelta(seconds=seconds)).isoformat())
            raise NotNow(f"the server said {reply.status}")
        if reply.status in (204, 304):
            return reply.status, None, reply.headers.get("ETag", "")
        if reply.headers.get_content_type() not in ("application/json", "application/problem+json"):
            raise NotNow("somebody else answered: a hotel's login page, a proxy")
        self._measure_clock(reply.headers.get("Date"))
        if reply.status == 401:
            self.put("state", "revoked")
        return reply.status, json.loads(raw), reply.headers.get("ETag", "")

    def _measure_clock(self, date: str | None) -> None:
        if date:
            error = self.clock() - parsedate_to_datetime(date) - timedelta(seconds=0.5)
            self.put("clock_error", round(error.total_seconds()) if abs(error) > CLOCK_NOISE else 0)

    # --- joining and the day ------------------------------------------------------------------------

    def pair(self, code: str) -> bool:
        """The attempt's id is kept with its code: a reply that is lost can be asked for again."""
        attempt = self.get("attempt") or {}
        if attempt.get("code") != code:
            attempt = {"code": code, "attempt": str(uuid.uuid4())}
            self.put("attempt", attempt)
        try:
            status, reply, _ = self.call(
                "POST", "pairing", attempt | {"language": self.language, "zone": self.zone}
            )
        except NotNow:
            return False
        if status not in (200, 201):
            return False
        self.put("token", reply["token"])
        self.put("state", "ready")
        self.put("today_tag", "")
        self.sync()
        return True

    def read_today(self) -> None:
        path = f"diary/today?lang={self.language}&zone={quote(self.zone)}"
        tag = self.get("today_tag", "") if self.get("today_path") == path else ""
        status, today, new_tag = self.call("GET", path, **({"If-None-Match": tag} if tag else {}))
        if status == 200:
            self.put("today", today)
            self.put("today_tag", new_tag)
            self.put("today_path", path)
            ended = today["trial"]["state"] in ("ended", "closed")
            self.put("state", "ended" if ended else "ready")

    def consent(self, decision: str) -> None:
        when = {"captured_at": self._text(self.right_time()), "zone": self.zone}
        body = {"decision": decision, "version": "diary-consent/1", "language": self.language, **when}
        self._keep("consent", "consent", "", body)

    def settings(self) -> None:
        """Tell the clinic in which zone the phone is now, so that reminders come at the right hour."""
        status, kept, tag = self.call("GET", "device")
        if status == 200 and (kept["zone"], kept["language"]) != (self.zone, self.language):
            ours = ("label", "reminders", "push_subscription")
            body = {name: kept[name] for name in ours}
            body |= {"zone": self.zone, "language": self.language, "app_version": VERSION}
            self.call("PUT", "device", body, **{"If-Match": tag})

    # --- answers ------------------------------------------------------------------------------------

    def answer(self, answers: Json, *, day: str = "today", amends: bool = False) -> None:
        moment = self._moment(begun_at=self.begun_at)
        slot = self._slot(late=day == "yesterday")
        for question, value in answers.items():
            body = self._body(question, value) | moment
            if day == "yesterday":
                body["about"] = "yesterday"
            if amends:
                body["supersedes"] = self._standing(question, slot)
            self._keep(self._spec(question)["resource"], question, slot, body)
        self.begun_at = None
        self.sync()

    def _moment(self, *, begun_at: datetime | None = None) -> Json:
        """When and where, by a clock put right as far as the server told us."""
        error = self.get("clock_error", 0)
        moment: Json = {"captured_at": self._text(self.right_time()), "zone": self.zone}
        if error:
            moment["clock_error_seconds"] = error
        return moment | ({"begun_at": self._text(begun_at)} if begun_at else {})

    def right_time(self) -> datetime:
        return self.clock() - timedelta(seconds=self.get("clock_error", 0))

    def _text(self, instant: datetime) -> str:
        return instant.astimezone(ZoneInfo(self.zone)).isoformat(timespec="seconds")

    def _spec(self, question: str) -> Json:
        spec: Json = self.get("today")["questions"][question]
        return spec

    def _body(self, question: str, value: Any) -> Json:
        spec = self._spec(question)
        standing = {
            "instrument_version": spec["instrument_version"],
            "app_version": VERSION,
            "language": self.language,
        }
        if spec["resource"] == "entries":
            return {"region": spec["region"], "kind": spec["kind"], "value": value, **standing}
        return {"question": question, "answer": {spec["form"]["type"]: value}, **standing}

    def _slot(self, *, late: bool) -> str:
        """Day and window by the phone's own wall clock; a question begun in time still has a while."""
        wall = self.right_time().astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)
        windows = [
            (day["diary_day"], window) for day in self.get("today")["days"] for window in day["windows"]
        ]
        if late:
            over = [slot for slot in windows if datetime.fromisoformat(slot[1]["closes"]) <= wall]
            return self._named(over[-1]) if over else "yesterday"
        open_now = [slot for slot in windows if self._is_open(slot[1], wall)]
        return self._named(open_now[0]) if open_now else f"{wall.date()}"

    def _is_open(self, window: Json, wall: datetime) -> bool:
        grace = GRACE if self.begun_at and window["number"] is not None else timedelta()
        opens, closes = (datetime.fromisoformat(window[name]) for name in ("opens", "closes"))
        return opens <= wall < closes + grace

    @staticmethod
    def _named(slot: tuple[str, Json]) -> str:
        return f"{slot[0]} {slot[1]['number'] or ''}".strip()

    def _standing(self, question: str, slot: str) -> str:
        """The newest answer of this window, sent or not: the one that a change replaces."""
        rows = self.store.execute(
            "SELECT id FROM answer WHERE question = ? AND slot = ? ORDER BY place DESC", [question, slot]
        )
        found: str = next(rows)[0]
        return found

    def _keep(self, resource: str, question: str, slot: str, body: Json) -> None:
        """On disk, with its id, before anything else happens."""
        self.store.execute(
            "INSERT INTO answer (id, resource, question, slot, body) VALUES (?, ?, ?, ?, ?)",
            [str(uuid.uuid4()), resource, question, slot, json.dumps(body)],
        )

    # --- the outbox ---------------------------------------------------------------------------------

    def sync(self) -> None:
        """Send what waits, oldest first, then read what is asked. Whatever fails waits for the next time."""
        if not self.get("token") or self.get("state") == "revoked":
            return
        try:
            self._send_all()
            self.read_today()
            if self.get("today")["consent"]["state"] == "needed":
                self.consent("given")
                self._send_all()
            self.settings()
        except NotNow:
            pass

    def _send_all(self) -> None:
        for consent in self._waiting("resource = 'consent'"):
            self._settle([consent], [self._put(consent)])
        waiting = list(self._waiting("resource <> 'consent'"))
        for start in range(0, len(waiting), BATCH):
            part = waiting[start : start + BATCH]
            replies = [self._put(part[0])] if len(part) == 1 else self._post(part)
            self._settle(part, replies)

    def _waiting(self, condition: str) -> Iterator[sqlite3.Row]:
        columns = "SELECT place, id, resource, question, body, state, said FROM answer"
        rows = self.store.execute(f"{columns} WHERE state = 'waiting' AND {condition} ORDER BY place")
        return iter(rows.fetchall())

    def _put(self, row: Any) -> tuple[int, Json]:
        path = row[2] if row[2] == "consent" else f"diary/{row[2]}"
        status, reply, _ = self.call("PUT", f"{path}/{row[1]}", json.loads(row[4]))
        return status, reply

    def _post(self, rows: list[Any]) -> list[tuple[int, Json]]:
        """Each item's status and reply, in the order of `rows`."""
        parts = {
            resource: [{"id": row[1], **json.loads(row[4])} for row in rows if row[2] == resource]
            for resource in ("entries", "answers")
        }
        status, reply, _ = self.call(
            "POST", "diary/entries/batch", {key: part for key, part in parts.items() if part}
        )
        if status != 207:
            return [(status, reply)] * len(rows)
        by_id = {result["id"]: result for result in reply["results"]}
        return [self._result(by_id.get(row[1])) for row in rows]

    @staticmethod
    def _result(result: Json | None) -> tuple[int, Json]:
        if result is None:
            raise NotNow("the reply does not speak of this answer")
        return result["status"], result.get("entry") or result.get("answer") or result["problem"]

    def _settle(self, rows: list[Any], replies: list[tuple[int, Json]]) -> None:
        for row, (status, reply) in zip(rows, replies, strict=True):
            if status in (200, 201) and reply.get("id") == row[1]:
                self._mark(row, "received", json.dumps(reply))
            elif 400 <= status < 500 and status != 401:
                # Kept, and shown: the clinic may ask for it.
                self._mark(row, "refused", json.dumps(reply))

    def _mark(self, row: Any, state: str, said: str) -> None:
        self.store.execute("UPDATE answer SET state = ?, said = ? WHERE place = ?", [state, said, row[0]])

    # --- what the patient sees ----------------------------------------------------------------------

    def waiting(self) -> list[Json]:
        columns = "SELECT id, question, body, state FROM answer"
        rows = self.store.execute(
            f"{columns} WHERE state <> 'received' AND resource <> 'consent' ORDER BY place"
        )
        return [
            {"id": row[0], "question": row[1], "value": self._value(json.loads(row[2])), "state": row[3]}
            for row in rows
        ]

    @staticmethod
    def _value(body: Json) -> Any:
        return body["value"] if "value" in body else next(iter(body["answer"].values()))

    def shown(self) -> str:
        """The words on the screen; never a verdict, never a past score."""
        lines = [f"state: {self.get('state', 'not_paired')}"]
        today = self.get("today")
        if today:
            lines += [today["trial"]["clinic"]["name"], today["trial"]["clinic"]["phone"]]
        for state, said in self.store.execute("SELECT state, said FROM answer ORDER BY place"):
            safety = json.loads(said).get("safety") if state == "received" else None
            lines += (
                [f"{safety['clinic_phone']} {safety['emergency_phone']} {safety['not_monitored']}"]
                if safety
                else []
            )
        return "\n".join(lines)
