"""What may be asked of the kit."""

import argparse
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HOME = Path(__file__).resolve().parents[1]
REFERENCE = (sys.executable, str(HOME / "drivers" / "reference.py"))
EPILOG = """
Without --driver the kit plays on its own reference phone. --driver names the command that drives your app
(docs/app-kit/README.md). Without --server it starts a sandbox of its own, thrown away afterwards; with it,
--control is the command that reaches `manage.py sandbox` there.
"""


@dataclass(frozen=True, kw_only=True)
class Options:
    driver: tuple[str, ...]
    server: str
    control: tuple[str, ...]
    report: Path | None
    only: tuple[str, ...]
    listing: bool
    folder: Path | None


def parse_options(arguments: Sequence[str]) -> Options:
    parser = argparse.ArgumentParser(
        prog="bin/app-kit",
        description="Play synthetic patients on a patient app, and compare what the record holds.",
        epilog=EPILOG,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these scenarios and golden files")
    parser.add_argument("--driver", default="", metavar="COMMAND", help="drives the app under test")
    parser.add_argument("--server", default="", metavar="URL", help="a sandbox that runs already")
    parser.add_argument("--control", default="", metavar="COMMAND", help="`manage.py sandbox` of that server")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the report there, as JSON")
    parser.add_argument("--folder", type=Path, help="keep the phones' storage and logs there")
    parser.add_argument("--list", action="store_true", dest="listing", help="name what there is, and stop")
    found = parser.parse_args(arguments)
    if bool(found.server) != bool(found.control):
        parser.error("--server and --control go together")
    return Options(
        driver=tuple(shlex.split(found.driver)) or REFERENCE,
        server=found.server.rstrip("/"),
        control=tuple(shlex.split(found.control)),
        report=found.report,
        only=tuple(found.names),
        listing=found.listing,
        folder=found.folder,
    )
