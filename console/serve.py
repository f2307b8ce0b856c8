"""Serve the console until the process is asked to end."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable

import uvicorn

from console.app import create_app
from console.services import ConsoleServices
from console.users import first_link
from engine.errors import ConfigurationError

DRAIN_SECONDS = 10


def serve(
    services: ConsoleServices,
    host: str,
    port: int,
    ready: Callable[[str, str | None], None],
    leaving: threading.Event | None = None,
) -> None:
    """Serve on `host:port` (0 takes a free port) until SIGTERM, Ctrl-C or `leaving` is set.

    `ready(address, set_up)` is called once it listens; `set_up` is the one-time link with which the first admin
    chooses a password, None once somebody has one. ConfigurationError if the port is taken.
    """
    listening = _listen(host, port)
    address = f"http://{f'[{host}]' if ':' in host else host}:{listening.getsockname()[1]}"
    with services.database.write() as transaction:
        token = first_link(transaction, services.clock.now())
    app = create_app(services)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
    server = uvicorn.Server(config)
    app.state.pulse.is_leaving = lambda: server.should_exit
    if leaving is not None:
        threading.Thread(target=_leave, args=(server, leaving), name="console", daemon=True).start()
    ready(address, f"{address}/set-up/{token}" if token is not None else None)
    try:
        server.run(sockets=[listening])
    finally:
        listening.close()


def _leave(server: uvicorn.Server, leaving: threading.Event) -> None:
    leaving.wait()
    server.should_exit = True


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns off the delay of small packets only where a socket says that it is TCP: 40 ms on most pages.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise ConfigurationError(
            f"the console cannot listen on {host}:{port}: {error.strerror}",
            advice="end the program that has the port, or set console.port in config/settings.yaml",
        ) from error
    listening.listen(128)
    return listening
