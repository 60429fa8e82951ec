"""The service with one fail-point: while the file that FAIL_POINT names exists, the next PUT is its last.

The process dies after the view has answered and its transaction is committed, before a byte of the answer is
sent. For tests only; nothing of it is in the service.
"""

import os
import signal
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from config.wsgi import application as _service

FAIL_POINT = Path(os.environ["FAIL_POINT"])


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    answer: Iterable[bytes] = _service(environ, start_response)
    if environ["REQUEST_METHOD"] == "PUT" and FAIL_POINT.exists():
        FAIL_POINT.unlink()
        os.kill(os.getpid(), signal.SIGKILL)
    return answer
