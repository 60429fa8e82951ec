"""The kit's JSON lines for a driver written in Python: each `do` is a method of the same name."""

import json
import sys
import traceback
from collections.abc import Callable
from typing import Any

Json = dict[str, Any]


def serve(app: object) -> None:
    """One reply a line, until the kit closes our stdin. A word without a method is `unsupported`."""
    for line in sys.stdin:
        message = json.loads(line)
        verb = getattr(app, message.pop("do"), None)
        reply = {"ok": False, "unsupported": True} if verb is None else reply_of(verb, message)
        sys.stdout.write(json.dumps(reply) + "\n")
        sys.stdout.flush()


def reply_of(verb: Callable[..., Json | None], message: Json) -> Json:
    """Whatever goes wrong is one reply; the traceback is in the log."""
    try:
        return {"ok": True} | (verb(**message) or {})
    except Exception as error:
        traceback.print_exc()
        return {"ok": False, "error": f"{type(error).__name__}: {error}"}
