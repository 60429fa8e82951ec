"""What gunicorn reads by itself, from the folder that it is started in: every web process of the service."""

import socket
import struct
from typing import Any

#: A phone that says nothing for so long in the middle of a request is gone; its thread serves the next one.
MOST_SILENT_SECONDS = 15


def when_ready(server: Any) -> None:
    """The limit is the kernel's own, which accepted connections inherit: threads read with no other."""
    limit = struct.pack("ll", MOST_SILENT_SECONDS, 0)
    for listener in server.LISTENERS:
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)
