"""Phones with one planted fault each: `python bad_phones.py NAME` is a driver that the kit must not pass."""

import json
import sys
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "docs" / "app-kit"))

from drivers.reference import App
from drivers.serving import serve
from reference_phone import Json, NotNow, Phone


class NewIdEachTime(Phone):
    """Makes the id when it sends, not when the patient answers."""

    def _send_all(self) -> None:
        for row in self.store.execute("SELECT place FROM answer WHERE state = 'waiting'").fetchall():
            self.store.execute("UPDATE answer SET id = ? WHERE place = ?", [str(uuid.uuid4()), row[0]])
        super()._send_all()


class DayOfSending(Phone):
    """Dates an answer when it is sent."""

    def _send_all(self) -> None:
        for place, text in self.store.execute(
            "SELECT place, body FROM answer WHERE state = 'waiting'"
        ).fetchall():
            body = json.loads(text) | {"captured_at": self._text(self.right_time())}
            self.store.execute("UPDATE answer SET body = ? WHERE place = ?", [json.dumps(body), place])
        super()._send_all()


class TrustsItsClock(Phone):
    def _measure_clock(self, date: str | None) -> None:
        """The phone's clock will be right."""


class OneZone(Phone):
    """Sends the zone it was bought in."""

    def _moment(self, *, begun_at: datetime | None = None) -> Json:
        return super()._moment(begun_at=begun_at) | {
            "captured_at": self.right_time().astimezone(UTC).isoformat(timespec="seconds"),
            "zone": "UTC",
        }


class TrustsAny200(Phone):
    """Takes a status for a receipt."""

    def _read(self, reply: Any, raw: bytes) -> tuple[int, Any, str]:
        if reply.status == 200 and reply.headers.get_content_type() == "text/html":
            self.store.execute("UPDATE answer SET state = 'received' WHERE state = 'waiting'")
            raise NotNow("done")
        return super()._read(reply, raw)


class CannotWait(Phone):
    """Reads no Retry-After."""

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any, str]:
        self.put("not_before", "2000-01-01T00:00:00Z")
        return super().call(method, path, body, **headers)


class SavesAfterSending(Phone):
    """Has its outbox in memory."""

    def kill(self) -> None:
        self.store.execute("DELETE FROM answer WHERE state = 'waiting'")
        super().kill()


class NewAttempt(Phone):
    """Makes a new attempt of a pairing whose reply was lost."""

    def pair(self, code: str) -> bool:
        self.put("attempt", None)
        return super().pair(code)


class EditsInPlace(Phone):
    """Changes an answer under the id that it has."""

    def answer(self, answers: Json, *, day: str = "today", amends: bool = False) -> None:
        if not amends:
            super().answer(answers, day=day)
            return
        for question, value in answers.items():
            found = self._standing(question, self._slot(late=False))
            body = self._body(question, value) | self._moment()
            self.store.execute(
                "UPDATE answer SET body = ?, state = 'waiting' WHERE id = ?", [json.dumps(body), found]
            )
        self.sync()


class ForgetsRefused(Phone):
    """Throws away what the server did not take."""

    def waiting(self) -> list[Json]:
        return [one for one in super().waiting() if one["state"] != "refused"]


class SpeaksForThePatient(Phone):
    """Says patient on a caregiver's phone."""

    def _body(self, question: str, value: Any) -> Json:
        return super()._body(question, value) | {"originator": "patient"}


class EchoesTheUnknown(Phone):
    """Sends back whatever it was told."""

    def _body(self, question: str, value: Any) -> Json:
        unknown = {name: kept for name, kept in self.get("today").items() if name.startswith("x_")}
        return super()._body(question, value) | unknown


class FillsIn(Phone):
    """Takes a note that nobody wrote for an answer."""

    def answer(self, answers: Json, *, day: str = "today", amends: bool = False) -> None:
        super().answer({"note": "-", **answers}, day=day, amends=amends)


class HidesTheNumbers(Phone):
    def shown(self) -> str:
        return "Thank you. Your pain was 40 % relief."


class ForgetsBegunAt(Phone):
    def _moment(self, *, begun_at: datetime | None = None) -> Json:
        return super()._moment()


class GivesUpAt401(Phone):
    """Drops its outbox with its token."""

    def _read(self, reply: Any, raw: bytes) -> tuple[int, Any, str]:
        if reply.status == 401:
            self.store.execute("DELETE FROM answer WHERE state = 'waiting'")
        return super()._read(reply, raw)


PHONES: dict[str, type[Phone]] = {phone.__name__: phone for phone in Phone.__subclasses__()}


class BadApp(App):
    def install(self, **where: str) -> None:
        self.phone = PHONES[sys.argv[1]](**where)

    def what_is_shown(self) -> Json:
        return {"text": self.phone.shown()}


if __name__ == "__main__":
    serve(BadApp())
