"""The demo's processes: started, watched, stopped, none left."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.demo.children import Children
from config.demo.errors import DemoError, ProcessError
from config.embedded.guard import Guard, is_running

FOREVER = "import time; print('up', flush=True); time.sleep(60)"
# A parent with a child of its own, as gunicorn and celery are, and both deaf to a polite request.
STUBBORN = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = os.fork()
if child:
    print(child, flush=True)
time.sleep(60)
"""


@pytest.fixture
def children(tmp_path: Path) -> Iterator[Children]:
    guard = Guard()
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    started = Children(logs=tmp_path, guard=guard, environment=environment)
    yield started
    started.stop()
    guard.close()


def wait_for_log(children: Children, name: str) -> list[str]:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if lines := (children.logs / f"{name}.log").read_text().splitlines():
            return lines
        time.sleep(0.02)
    raise AssertionError(f"{name} wrote nothing")


def test_it_stops_every_one(children: Children) -> None:
    for name in ("web", "worker"):
        children.start(name, "-c", FOREVER)
        wait_for_log(children, name)
    pids = [child.process.pid for child in children.running]

    children.require_all_running()
    children.stop()

    assert not any(is_running(pid) for pid in pids)


def test_it_kills_the_deaf_and_their_children(children: Children, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("config.demo.children.PATIENCE", 0.3)
    children.start("worker", "-c", STUBBORN)
    (parent,) = children.running
    child = int(wait_for_log(children, "worker")[0])

    children.stop()

    assert not is_running(parent.process.pid)
    deadline = time.monotonic() + 60
    while is_running(child):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_the_death_of_one_is_told_with_the_end_of_its_log(children: Children) -> None:
    children.start("worker", "-c", "import sys; print('out of cheese'); sys.exit(3)")
    children.running[0].process.wait()

    with pytest.raises(ProcessError, match=r"worker stopped \(exit code 3\)[^$]*out of cheese"):
        children.require_all_running()


def test_a_failed_step_is_told_with_its_log(children: Children) -> None:
    with pytest.raises(ProcessError, match=r"migrate stopped \(exit code 1\)[^$]*no such table"):
        children.run("migrate", "-c", "raise SystemExit('no such table')")


def test_a_failed_step_on_the_terminal_refers_to_the_lines_above(children: Children) -> None:
    with pytest.raises(DemoError, match=r"load_demo failed \(exit code 4\)"):
        children.show("load_demo", "-c", "raise SystemExit(4)")


def test_output_is_handed_over_and_complaints_are_kept_apart(children: Children) -> None:
    program = "import sys; print('clinician'); print('deprecated', file=sys.stderr)"

    assert children.output_of("demo_logins", "-c", program) == "clinician\n"
    assert (children.logs / "demo_logins.log").read_text() == "deprecated\n"


def test_the_processes_do_not_hear_our_ctrl_c(children: Children) -> None:
    children.start("web", "-c", FOREVER)

    assert os.getpgid(children.running[0].process.pid) != os.getpgid(0)
