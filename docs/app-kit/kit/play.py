"""A scenario played, step by step."""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from kit.compare import Difference, Given
from kit.scenario import Step
from kit.stage import Handset, Stage

#: The clinic's staff act in the sandbox under this name.
Act = Callable[[Stage, Handset, Step], list[Difference]]


def play(stage: Stage) -> Iterator[Difference]:
    """Every step in order; what an `expect` among them did not find."""
    for step in stage.scenario.steps:
        _move_clock(stage, step)
        yield from ACTS[step.do](stage, stage.handsets[step.phone], step)


def _move_clock(stage: Stage, step: Step) -> None:
    if step.at is not None and step.at > stage.clock.now():
        stage.clock.set(step.at)
        for handset in stage.handsets.values():
            handset.set_clock(stage.clock.now())


def _pair(stage: Stage, handset: Handset, step: Step) -> list[Difference]:
    if not step.fields.get("again"):
        handset.invitation = stage.control.ask(
            "invite", at=stage.clock.now(), trial=stage.trial, holder=handset.phone.holder
        )
    by = step.fields.get("by", "code")
    joining = (
        {"link": f"{handset.proxy.url}/app/#join={handset.invitation['secret']}"} if by == "link" else {}
    )
    reply = handset.driver.ask("pair", **(joining or {"code": handset.invitation["code"]}))
    expected, found = step.fields.get("paired", True), reply.get("paired")
    # Null: whether the first try helped depends on how soon the app tries again by itself.
    return _unless(expected is None or found is expected, "pairing", step, expected=expected, found=found)


def _answer(stage: Stage, handset: Handset, step: Step) -> list[Difference]:
    before = stage.clock.now()
    day = {"day": step.fields["day"]} if "day" in step.fields else {}
    handset.driver.ask(step.do, answers=step.fields["answers"], **day)
    for question, value in step.fields["answers"].items():
        stage.given.append(
            Given(
                question=question,
                value=value,
                earliest=before - timedelta(seconds=1),
                latest=stage.clock.now() + timedelta(seconds=1),
            )
        )
    return []


def _plain(stage: Stage, handset: Handset, step: Step) -> list[Difference]:
    handset.driver.ask(step.do)
    return []


def _wait(stage: Stage, handset: Handset, step: Step) -> list[Difference]:
    return []


def _zone(stage: Stage, handset: Handset, step: Step) -> list[Difference]:
    handset.driver.ask("set_zone", zone=step.fields["zone"])
    return []


def _network(stage: Stage, handset: Handset, step: Step) -> list[Difference]:
    """Off is off twice: the phone is told, and its way to the server is gone."""
    off = step.fields["state"] == "off"
    handset.proxy.faults.offline = off
    handset.driver.ask("network", state="off" if off else "on")
    return []


def _fault(stage: Stage, handset: Handset, step: Step) -> list[Difference]:
    handset.proxy.faults.add(**step.fields)
    return []


def _clear_faults(stage: Stage, handset: Handset, step: Step) -> list[Difference]:
    handset.proxy.faults.clear()
    return []


def _staff(stage: Stage, handset: Handset, step: Step) -> list[Difference]:
    """What staff do to the trial; revoking means the phones that are paired now."""
    stage.control.ask("staff", at=stage.clock.now(), trial=stage.trial, **step.fields)
    return []


def _expect(stage: Stage, handset: Handset, step: Step) -> list[Difference]:
    found: list[Difference] = []
    if step.fields.keys() & {"state", "waiting", "refused"}:
        found += _expect_waiting(handset, step)
    if step.fields.keys() & {"shown", "not_shown"}:
        found += _expect_shown(handset, step)
    return found


def _expect_waiting(handset: Handset, step: Step) -> list[Difference]:
    reply = handset.driver.ask("what_is_waiting")
    seen = {state: _count(reply, state) for state in ("waiting", "refused")} | {"state": reply.get("state")}
    return [
        difference
        for key in ("state", "waiting", "refused")
        if key in step.fields
        for difference in _unless(
            seen[key] == step.fields[key], f"phone_{key}", step, expected=step.fields[key], found=seen[key]
        )
    ]


def _count(reply: Mapping[str, Any], state: str) -> int:
    return sum(1 for one in reply.get("waiting", []) if one.get("state") == state)


def _expect_shown(handset: Handset, step: Step) -> list[Difference]:
    text = " ".join(str(handset.driver.ask("what_is_shown").get("text", "")).split())
    missing = [part for part in step.fields.get("shown", []) if part.lower() not in text.lower()]
    forbidden = [part for part in step.fields.get("not_shown", []) if part.lower() in text.lower()]
    return [
        *_unless(not missing, "not_shown", step, expected=missing, found=text[:300]),
        *_unless(not forbidden, "shown", step, expected="not to be shown", found=forbidden),
    ]


def _unless(holds: bool, code: str, step: Step, *, expected: Any, found: Any) -> list[Difference]:
    where = f"step {step.number}, {step.phone}"
    return [] if holds else [Difference(code=code, where=where, expected=expected, found=found)]


ACTS: Mapping[str, Act] = {
    "pair": _pair,
    "answer": _answer,
    "amend": _answer,
    "open": _plain,
    "withdraw": _plain,
    "sync": _plain,
    "kill": _plain,
    "start": _plain,
    "wait": _wait,
    "zone": _zone,
    "network": _network,
    "fault": _fault,
    "clear_faults": _clear_faults,
    "staff": _staff,
    "expect": _expect,
}
