"""The control of a sandbox makes its tables before its first answer, and is waited for longer then."""

import sys
from pathlib import Path

import pytest

from kit import control
from kit.control import Control
from kit.jsonlines import ProcessFailed

#: Late with each answer.
SLOW = """
import sys, time
for line in sys.stdin:
    time.sleep(0.5)
    print('{"ok": true, "clinics": 2}', flush=True)
"""


def test_only_the_first_answer_may_be_late(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "PATIENCE", 0.1)
    desk = Control((sys.executable, "-c", SLOW), log=tmp_path / "log", folder=tmp_path)

    assert desk.about["clinics"] == 2
    with pytest.raises(ProcessFailed, match=r"did not reply to trials within 0 s"):
        desk.ask("trials")

    desk.close()
