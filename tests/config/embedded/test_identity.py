"""Who may run PostgreSQL."""

import os
from pathlib import Path

import pytest

from config.embedded import identity
from config.embedded.errors import EmbeddedError


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can run a server as somebody else")
def test_as_nobody_a_closed_path_is_named_before_initdb_fails(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)

    with pytest.raises(EmbeddedError, match="nobody here, who cannot reach"):
        identity.require_open_path(identity.AS_NOBODY, closed)


def test_an_ordinary_user_runs_the_server_directly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    assert identity.choose_identity(tmp_path) is identity.DIRECT


def test_root_that_may_do_neither_is_told_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(identity, "can_run", lambda *_: False)

    with pytest.raises(EmbeddedError, match="refuses to run as root") as caught:
        identity.choose_identity(tmp_path)

    assert "ordinary user" in caught.value.remedy


@pytest.mark.parametrize(
    ("works", "expected"),
    [
        ((identity.UNSHARED, identity.AS_NOBODY), identity.UNSHARED),
        ((identity.AS_NOBODY,), identity.AS_NOBODY),
    ],
    ids=["namespace first", "nobody where namespaces are forbidden"],
)
def test_root_takes_the_first_way_that_works(
    works: tuple[identity.Identity, ...],
    expected: identity.Identity,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(identity, "can_run", lambda each, _: each in works)

    assert identity.choose_identity(tmp_path) is expected
