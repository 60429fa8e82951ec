"""The whole run: everything up, every scenario and golden file, the report, everything down."""

import contextlib
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from config.demo.stopping import STOP_SIGNALS, Stopped
from config.embedded.errors import EmbeddedError
from kit import golden, report, scenario, wire
from kit.compare import Difference, compare
from kit.control import Control
from kit.driver import CannotDo
from kit.jsonlines import Message, ProcessFailed
from kit.options import HOME, Options, parse_options
from kit.play import play
from kit.results import NOT_RUN, Result, outcome_of
from kit.sandbox import running
from kit.stage import Stage, staged


def say(text: str) -> None:
    print(text, flush=True)


def main(arguments: Sequence[str]) -> int:
    options = parse_options(arguments)
    try:
        scenarios = [one for one in scenario.load(HOME / "scenarios") if wanted(one.name, options)]
        goldens = [one for one in golden.load(HOME / "golden") if wanted(one.name, options)]
        if unknown := {*options.only} - {one.name for one in goldens} - {one.name for one in scenarios}:
            raise scenario.BadScenario(
                f"there is no {', '.join(sorted(unknown))}; --list names what there is"
            )
        if options.listing:
            titles = {one.name: one.title for one in goldens} | {one.name: one.title for one in scenarios}
            for name, title in titles.items():
                say(f"{name:<28} {title}")
            return 0
        with STOP_SIGNALS.caught(), work_folder(options) as folder:
            return run(options, scenarios, goldens, folder=folder)
    except Stopped:
        say("Stopped; nothing is left running.")
        return 130
    except (EmbeddedError, ProcessFailed, scenario.BadScenario) as error:
        print(error, file=sys.stderr)
        return 2


def wanted(name: str, options: Options) -> bool:
    return not options.only or name in options.only


@contextlib.contextmanager
def work_folder(options: Options) -> Iterator[Path]:
    if options.folder:
        options.folder.mkdir(parents=True, exist_ok=True)
        yield options.folder.resolve()
    else:
        with tempfile.TemporaryDirectory(prefix="app-kit-") as folder:
            yield Path(folder)


def run(
    options: Options,
    scenarios: Sequence[scenario.Scenario],
    goldens: Sequence[golden.Golden],
    *,
    folder: Path,
) -> int:
    with open_sandbox(options, folder=folder) as (server, control):
        player = Player(server=server, control=control, command=options.driver, folder=folder)
        results = []
        works = [partial(player.replay, each) for each in goldens]
        for work in (*works, *(partial(player.play, each) for each in scenarios)):
            results.append(work())
            say(report.row(results[-1]))
        about = control.about
    for line in report.details(results):
        say(line)
    say(report.last_line(results, app=player.app, server=about))
    if options.report:
        options.report.write_text(report.as_json(results, app=player.app, server=about), encoding="utf-8")
    return 0 if report.is_green(results) else 1


@contextlib.contextmanager
def open_sandbox(options: Options, *, folder: Path) -> Iterator[tuple[str, Control]]:
    log = folder / "control.log"
    with contextlib.ExitStack() as stack:
        if options.server:
            server = options.server
            control = Control(options.control, log=log, folder=Path.cwd())
        else:
            say("Starting a sandbox ...")
            box = stack.enter_context(running(folder))
            server = box.url
            control = Control(box.control, log=log, folder=box.folder, environment=box.environment)
        stack.callback(control.close)
        yield server, control


class Player:
    """Plays one after the other; the failure of one is no reason not to play the next."""

    def __init__(self, *, server: str, control: Control, command: Sequence[str], folder: Path) -> None:
        self._server, self._control = server, control
        self._command, self._folder = command, folder
        self.app: Message = {}

    def replay(self, one: golden.Golden) -> Result:
        work = golden.replay(one, server=self._server, control=self._control)
        return timed("golden", one.name, one.title, work)

    def play(self, one: scenario.Scenario) -> Result:
        return timed("scenario", one.name, one.title, self._play(one))

    def _play(self, one: scenario.Scenario) -> Iterator[Difference]:
        folder = self._folder / one.name
        folder.mkdir(parents=True, exist_ok=True)
        with staged(
            one, server=self._server, control=self._control, command=self._command, folder=folder
        ) as stage:
            self.app = next(iter(stage.handsets.values())).driver.about
            yield from play(stage)
            yield from self._judge(stage)

    def _judge(self, stage: Stage) -> Iterator[Difference]:
        phones = {name: handset.driver.ask("what_is_waiting") for name, handset in stage.handsets.items()}
        record = self._control.ask("record", trial=stage.trial)
        yield from compare(stage.scenario, record, phones=phones, given=stage.given)
        for name, handset in stage.handsets.items():
            yield from wire.check_wire(handset.proxy.exchanges, phone=name)


def timed(kind: str, name: str, title: str, work: Iterable[Difference]) -> Result:
    """What was found until a driver failed counts too."""
    started = time.monotonic()
    reason, differences = "", list[Difference]()
    try:
        for found in work:
            differences.append(found)
    except CannotDo as error:
        reason = str(error)
    except ProcessFailed as error:
        differences.append(Difference(code="driver", where=name, expected="a reply", found=str(error)))
    outcome = NOT_RUN if reason and not differences else outcome_of(differences)
    return Result(
        kind=kind,
        name=name,
        title=title,
        outcome=outcome,
        seconds=time.monotonic() - started,
        differences=differences,
        reason=reason,
    )
