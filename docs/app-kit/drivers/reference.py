"""The driver of the reference phone: the kit's words, turned into what a hand does on it."""

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from drivers.serving import serve
from reference_phone import VERSION, Json, Phone


class App:
    """One phone in one hand."""

    phone: Phone

    def hello(self, **_: Any) -> Json:
        return {"name": "reference phone", "version": VERSION.partition("/")[2]}

    def install(self, **where: str) -> None:
        self.phone = Phone(**where)

    def pair(self, code: str = "", link: str = "") -> Json:
        return {"paired": self.phone.pair(code or link.partition("#join=")[2])}

    def set_clock(self, now: str) -> None:
        self.phone.set_clock(now)

    def set_zone(self, zone: str) -> None:
        self.phone.zone = zone

    def network(self, state: str) -> None:
        self.phone.online = state == "on"

    def open(self) -> None:
        self.phone.begun_at = self.phone.right_time()

    def answer(self, answers: Json, day: str = "today") -> None:
        self.phone.answer(answers, day=day)

    def amend(self, answers: Json) -> None:
        self.phone.answer(answers, amends=True)

    def withdraw(self) -> None:
        self.phone.consent("withdrawn")
        self.phone.sync()

    def kill(self) -> None:
        self.phone.kill()

    def start(self) -> None:
        self.phone.start()
        self.phone.sync()

    def sync(self) -> None:
        self.phone.sync()

    def what_is_waiting(self) -> Json:
        return {"state": self.phone.get("state", "not_paired"), "waiting": self.phone.waiting()}

    def what_is_shown(self) -> Json:
        return {"text": self.phone.shown()}

    def stop(self) -> None:
        self.phone.kill()


if __name__ == "__main__":
    serve(App())
