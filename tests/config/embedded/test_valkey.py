"""One Valkey server, really started and killed."""

from pathlib import Path

import redis

from config.embedded.valkey import Valkey, ping


def test_a_killed_valkey_comes_back_empty_on_the_same_socket(folder: Path) -> None:
    server = Valkey(
        data=folder / "valkey", sockets=folder / "sockets", log=folder / "logs" / "valkey.log", durable=False
    )
    server.start()
    with redis.Redis(unix_socket_path=str(server.socket_path)) as client:
        client.set("doorbell", "1")
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}

    server.kill()
    assert not ping(server.socket_path)
    server.start()

    with redis.Redis(unix_socket_path=str(server.socket_path)) as client:
        assert client.get("doorbell") is None
    server.stop()


def test_a_durable_valkey_keeps_what_it_took(folder: Path) -> None:
    server = Valkey(
        data=folder / "valkey", sockets=folder / "sockets", log=folder / "logs" / "valkey.log", durable=True
    )
    server.start()
    with redis.Redis(unix_socket_path=str(server.socket_path)) as client:
        client.set("doorbell", "1")
    server.stop()

    server.start()

    with redis.Redis(unix_socket_path=str(server.socket_path)) as client:
        assert client.get("doorbell") == b"1"
    server.stop()
