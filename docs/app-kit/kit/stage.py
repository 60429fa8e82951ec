"""What one scenario needs while it is played: its trial, its clock, and each phone behind its own network."""

import contextlib
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from kit.clock import Clock, text_of
from kit.compare import Given
from kit.control import Control
from kit.driver import Driver
from kit.proxy import Proxy
from kit.scenario import Phone, Scenario


@dataclass(kw_only=True)
class Handset:
    """A phone on the stage: the app, its network, its wrong clock."""

    phone: Phone
    driver: Driver
    proxy: Proxy
    invitation: dict[str, Any] = field(default_factory=dict)

    def set_clock(self, true: datetime) -> None:
        self.driver.set_clock(true + timedelta(seconds=self.phone.clock_error_seconds))


@dataclass(kw_only=True)
class Stage:
    scenario: Scenario
    trial: str
    control: Control
    clock: Clock
    handsets: dict[str, Handset]
    given: list[Given] = field(default_factory=list)


@contextlib.contextmanager
def staged(
    scenario: Scenario, *, server: str, control: Control, command: Sequence[str], folder: Path
) -> Iterator[Stage]:
    """Everything up for `scenario`; phones and their networks are gone afterwards, the record stays."""
    clock = Clock(scenario.begins)
    made = control.ask("new_trial", at=clock.now(), name=scenario.name, trial=dict(scenario.trial))
    with contextlib.ExitStack() as stack:
        handsets = {}
        for phone in scenario.phones:
            proxy = stack.enter_context(Proxy(server, clock=clock))
            driver = Driver(command, folder=folder, log=folder / f"{phone.name}.log")
            stack.callback(driver.stop)
            handset = Handset(phone=phone, driver=driver, proxy=proxy)
            start(handset, storage=folder / phone.name, clock=clock)
            handsets[phone.name] = handset
        yield Stage(scenario=scenario, trial=made["trial"], control=control, clock=clock, handsets=handsets)


def start(handset: Handset, *, storage: Path, clock: Clock) -> None:
    # A run before this one may have kept its folder; a new app remembers nothing.
    shutil.rmtree(storage, ignore_errors=True)
    storage.mkdir()
    phone = handset.phone
    handset.driver.ask(
        "install",
        server=handset.proxy.url,
        storage=str(storage),
        now=text_of(clock.now() + timedelta(seconds=phone.clock_error_seconds)),
        zone=phone.zone,
        language=phone.language,
    )
