"""What a phone keeps to run without a network: each file with its digest, and one stamp over all of them."""

import hashlib
import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from django.apps import apps
from django.conf import settings

VERSION = "1.1.0"
#: App label and the folder below its `static/` that the phone needs.
FOLDERS = (("patient_app", "patient_app"), ("diary", "diary/wording"))
KEPT = frozenset({".css", ".js", ".json", ".png", ".svg"})

Files = dict[str, str]


def files() -> Files:
    """Address to SHA-256, in hexadecimal. Addresses are the plain ones: modules import each other by them."""
    return {f"{settings.STATIC_URL}{name}": _digest(path, path.stat().st_mtime_ns) for name, path in _paths()}


def stamp(*, of: Files, shell: bytes) -> str:
    """Changes when any file changes, or the page that loads them."""
    listed = json.dumps(of, sort_keys=True).encode()
    return hashlib.sha256(listed + shell).hexdigest()[:12]


def version() -> str:
    """As answers carry it: `1.1.0+` and the first digits of a digest of the files."""
    return f"{VERSION}+{stamp(of=files(), shell=b'')[:8]}"


def _paths() -> Iterator[tuple[str, Path]]:
    for label, folder in FOLDERS:
        static = Path(apps.get_app_config(label).path) / "static"
        for path in sorted((static / folder).rglob("*")):
            if path.suffix in KEPT:
                yield path.relative_to(static).as_posix(), path


@lru_cache(maxsize=512)
def _digest(path: Path, changed_ns: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
