"""The order of it all: servers, tables, made-up trials, processes, and the way back down."""

import contextlib
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NoReturn

from apps.row_security import ROLE
from config.demo import folder as kept
from config.demo.children import ROOT, Children
from config.demo.errors import ProcessError
from config.demo.options import HOST, Options, require_free_port
from config.demo.readiness import wait_for_web, wait_for_worker
from config.demo.stopping import STOP_SIGNALS
from config.demo.welcome import welcome
from config.embedded.guard import Guard
from config.embedded.services import Services

WEB = ("-m", "gunicorn", "config.wsgi:application", "--worker-class", "gthread", "--workers", "2")
WORKER = ("-m", "celery", "-A", "config", "worker", "--concurrency", "2", "--loglevel", "INFO")
BEAT = ("-m", "celery", "-A", "config", "beat", "--loglevel", "INFO", "--pidfile", "")
# A published table, for the report of an imported cohort: the only people in the demo who are not made up.
PUBLISHED = ROOT / "data" / "ashar2022" / "Ashar2022_outcomes_demographics"
INTO = ("--clinic", "Demo Clinic North", "--mapping", f"{PUBLISHED}.toml", "--once")
# Of the caller's own environment: these would make it something else than the demo.
OVERRULED = ("DEBUG", "HTTPS", "ALLOWED_HOSTS", "BEHIND_PROXY")


def say(text: str) -> None:
    # A reader that went away (bin/demo | head) must not keep us from stopping our processes.
    with contextlib.suppress(BrokenPipeError):
        print(text, flush=True)


def run_demo(options: Options) -> NoReturn:
    """Everything up, wait, everything down, in the reverse order of this function."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(STOP_SIGNALS.caught())
        note = f"process {os.getpid()}, {options.address}/"
        stack.enter_context(kept.held(options.folder, note=note))
        require_free_port(options.port)
        with STOP_SIGNALS.deferred():
            guard = Guard()
            stack.callback(guard.close)
        services = stack.enter_context(running_services(options, guard=guard))
        children = Children(
            logs=options.folder / "logs", guard=guard, environment=demo_environment(options, services)
        )
        stack.callback(children.stop)
        stack.callback(begin_stopping)
        bring_up_to_date(children, owner=services.environment())
        start(options, children)
        watch(children, services)


def bring_up_to_date(children: Children, *, owner: Mapping[str, str]) -> None:
    """The tables belong to their owner; everything else connects as a role that owns nothing."""
    say("Bringing the tables up to date ...")
    owning = replace(children, environment={**children.environment, **owner})
    owning.run("migrate", "manage.py", "migrate", "--noinput")


def start(options: Options, children: Children) -> None:
    say("Loading the made-up trials ...")
    children.show("load_demo", "manage.py", "load_demo")
    children.run("import_cohort", "manage.py", "import_cohort", f"{PUBLISHED}.csv", *INTO)
    say("Starting web, worker and beat ...")
    children.start("web", *WEB, "--threads", "4", "--bind", f"{HOST}:{options.port}", "--no-control-socket")
    children.start("worker", *WORKER)
    children.start("beat", *BEAT)
    wait_for_web(children, port=options.port)
    # While the worker is still on its way up.
    logins = children.output_of("demo_logins", "manage.py", "demo_logins")
    say("Waiting for the worker's first answer ...")
    wait_for_worker(children)
    say(welcome(options, logins=logins))


def watch(children: Children, services: Services) -> NoReturn:
    """Until somebody stops us, or one of ours ends by itself."""
    while True:
        children.require_all_running()
        for server in services.servers():
            if server.process and server.process.poll() is not None:
                raise ProcessError(server.name, code=server.process.returncode, log=server.log)
        time.sleep(0.5)


@contextlib.contextmanager
def running_services(options: Options, *, guard: Guard) -> Iterator[Services]:
    """The servers that the environment does not name."""
    services = Services.persistent(options.folder, guard=guard)
    if os.environ.get("DATABASE_URL"):
        services.postgres = None
    if os.environ.get("REDIS_URL"):
        services.valkey = None
    # We hold the folder: a server that runs in it is left over from a demo that died.
    services.take_over()
    if options.fresh:
        start_over(options, services)
    kept.require_space(options.folder)
    names = " and ".join(server.name for server in services.servers())
    say(f"Starting {names} ..." if names else "Using the servers of DATABASE_URL and REDIS_URL ...")
    try:
        with STOP_SIGNALS.deferred():
            services.start()
        yield services
    finally:
        services.stop()


def start_over(options: Options, services: Services) -> None:
    say(f"Starting over: emptying {options.folder}")
    if services.postgres is None:
        say("The database of DATABASE_URL is not ours to empty; it stays as it is, as does our own.")
    services.stop_found()
    kept.empty(options.folder, servers=[server.data for server in services.servers()])


def demo_environment(options: Options, services: Services) -> dict[str, str]:
    """The caller's environment with the demo's settings over it."""
    inherited = {key: value for key, value in os.environ.items() if key not in OVERRULED}
    ours = {
        "DEMO": "1",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        # A browser makes no passkey for an address in numbers.
        "PASSKEY_ORIGIN": options.address.replace(HOST, "localhost"),
        "PUBLIC_URL": options.address,
        "PYTHONUNBUFFERED": "1",
        "SECRET_KEY": kept.secret_key(options.folder),
    }
    # Nothing leaves the machine, unless the caller has named somewhere for it to go.
    console = {"NOTIFY_CONSOLE": str(options.folder / "logs" / "messages.log")}
    return console | inherited | services.environment() | as_the_service(services) | ours


def as_the_service(services: Services) -> dict[str, str]:
    """A database of the caller's is used as it is named."""
    return {"DATABASE_URL": services.postgres.url_as(ROLE)} if services.postgres else {}


def begin_stopping() -> None:
    STOP_SIGNALS.ignore()
    say("\nStopping ...")
