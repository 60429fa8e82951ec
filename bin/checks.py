"""What must hold beside the tests, for CI and for hands alike.

    bin/check [--list] [--fix] [NAME...]

`--fix` mends what a tool can mend: lint, format, and the committed API description.
"""

import argparse
import difflib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "bin")]

import api_diff  # noqa: E402  (the path above comes first)
from config.embedded.errors import EmbeddedError  # noqa: E402
from config.embedded.guard import Guard  # noqa: E402
from config.embedded.services import Services  # noqa: E402

OPENAPI = ROOT / "openapi.yaml"
RELEASED_APIS = ROOT / "docs" / "api"
PYTHON = sys.executable
MANAGE = (PYTHON, "manage.py")
# The settings must be right for production, so the checks see them as production does.
PRODUCTION = {
    "SECRET_KEY": "for-checks-only-" + "8f3k2m9q7w1x5z4v" * 4,
    "ALLOWED_HOSTS": "sctrial.example.org",
    "PUBLIC_URL": "https://sctrial.example.org",
}


def run(*command: str) -> bool:
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def check_lint(*, fix: bool) -> bool:
    return run(PYTHON, "-m", "ruff", "check", "--quiet", *(["--fix"] if fix else []), ".")


def check_format(*, fix: bool) -> bool:
    return run(PYTHON, "-m", "ruff", "format", "--quiet", *([] if fix else ["--check"]), ".")


def check_types(*, fix: bool) -> bool:
    return run(PYTHON, "-m", "mypy")


def check_imports(*, fix: bool) -> bool:
    return run(str(Path(PYTHON).parent / "lint-imports"), "--no-cache", "--no-logo")


def check_migrations(*, fix: bool) -> bool:
    return run(*MANAGE, "makemigrations", "--check", "--dry-run")


def check_deploy(*, fix: bool) -> bool:
    return run(*MANAGE, "check", "--deploy", "--fail-level", "WARNING")


def check_openapi(*, fix: bool) -> bool:
    """The committed description is the one that the code gives: clients are generated from it."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / "openapi.yaml"
        if not run(*MANAGE, "spectacular", "--validate", "--fail-on-warn", "--file", str(fresh)):
            return False
        made = fresh.read_text(encoding="utf-8")
    if fix:
        OPENAPI.write_text(made, encoding="utf-8")
    committed = OPENAPI.read_text(encoding="utf-8") if OPENAPI.exists() else ""
    return report_difference(committed, made)


def report_difference(committed: str, made: str) -> bool:
    difference = list(
        difflib.unified_diff(
            committed.splitlines(), made.splitlines(), "openapi.yaml", "what the code says", lineterm="", n=1
        )
    )
    if difference:
        print("\n".join(difference[:60]))
        print("openapi.yaml is not what the code says. Look at the difference, then: bin/check --fix openapi")
    return not difference


def check_api_changes(*, fix: bool) -> bool:
    """No phone in the field breaks unawares: the version says what changed since the last release."""
    return api_diff.report(api_diff.last_released(RELEASED_APIS), api_diff.read(OPENAPI))


CHECKS: Mapping[str, Callable[..., bool]] = {
    "lint": check_lint,
    "format": check_format,
    "types": check_types,
    "imports": check_imports,
    "migrations": check_migrations,
    "deploy": check_deploy,
    "openapi": check_openapi,
    "api-changes": check_api_changes,
}


@contextmanager
def production_environment() -> Iterator[None]:
    """Settings as in production, over servers that live as long as the checks."""
    guard = Guard()
    for name in ("DEBUG", "DEMO", "HTTPS", "DJANGO_SETTINGS_MODULE"):
        os.environ.pop(name, None)
    try:
        with Services.temporary(guard=guard) as services:
            os.environ.update(PRODUCTION | services.environment())
            yield
    finally:
        guard.close()


def run_checks(names: Sequence[str], *, fix: bool) -> list[str]:
    """Run all of them, whatever fails; the names of those that did."""
    failed = []
    for name in names:
        print(f"--- {name}", flush=True)
        started = time.monotonic()
        if not CHECKS[name](fix=fix):
            failed.append(name)
        verdict = "FAILED" if name in failed else "ok"
        print(f"--- {name}: {verdict} ({time.monotonic() - started:.1f} s)", flush=True)
    return failed


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="bin/check", description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(CHECKS))
    parser.add_argument("--list", action="store_true", help="name the checks and stop")
    parser.add_argument("--fix", action="store_true", help="mend what a tool can mend")
    options = parser.parse_args(arguments)
    if options.list:
        print("\n".join(CHECKS))
        return 0
    if unknown := set(options.names) - set(CHECKS):
        parser.error(f"no such check: {', '.join(sorted(unknown))} (there are {', '.join(CHECKS)})")
    try:
        with production_environment():
            failed = run_checks(options.names or list(CHECKS), fix=options.fix)
    except EmbeddedError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"FAILED: {', '.join(failed)}" if failed else "All checks passed.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
