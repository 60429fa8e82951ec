"""The list of static files, made once a run.

Each test client begins with a handler of its own, whose WhiteNoise walks through all folders of static files:
a tenth of a second before its first page, a fifth of the suite's time.
"""

from typing import Any

import pytest

from config.pages import PageFiles

__all__ = ["static_files_found_once"]
own_walk = PageFiles.add_files_from_finders
_found: dict[str, Any] = {}


@pytest.fixture(scope="session", autouse=True)
def static_files_found_once() -> None:
    """In place of WhiteNoise's own walk, which it leaves no setting for."""
    PageFiles.add_files_from_finders = find_once


def find_once(files: PageFiles) -> None:
    if not _found:
        own_walk(files)
        _found.update(files.files)
    files.files.update(_found)
