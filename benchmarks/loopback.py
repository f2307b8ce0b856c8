"""A port of this machine for a server of the benchmark's own."""

from __future__ import annotations

import socket
from contextlib import closing


def free_port() -> int:
    """A port on which nothing listens now."""
    with closing(socket.create_server(("127.0.0.1", 0))) as found:
        return int(found.getsockname()[1])
