"""A folder for servers of a test's own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from config.embedded.services import Services


@pytest.fixture
def folder(request: pytest.FixtureRequest) -> Iterator[Path]:
    # Not tmp_path: its folders are closed to the user that PostgreSQL may have to run as.
    services = Services.temporary()
    assert services.scratch
    yield services.scratch
    services.stop()
