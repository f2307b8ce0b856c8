"""The port of a process for machines that watch it: `/healthz`, `/readyz`, `/metrics`. It tells states, no contents."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from loguru import logger
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from engine.errors import ConfigurationError
from engine.store.database import Database, StoreError
from engine.store.migrate import NEWEST, version

TEXT = "text/plain; charset=utf-8"


def store_is_ready(database: Database) -> str:
    """`ready`, or in a few words why not."""
    try:
        return "ready" if version(database) == NEWEST else "schema"
    except StoreError:
        return "store"


class HealthPort:
    """Answers on `host:port` (0 takes a free port) until it is closed. `state()` is `ready` or why it is not."""

    def __init__(self, host: str, port: int, registry: CollectorRegistry, state: Callable[[], str]) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, kind, body = _answer(self.path.partition("?")[0], registry, state)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                logger.trace(format, *args)

            def version_string(self) -> str:
                return "clerkwork"

        Handler.timeout = 10
        try:
            self._server = ThreadingHTTPServer((host, port), Handler)
        except OSError as error:
            raise ConfigurationError(
                f"the metrics cannot be served on {host}:{port}: {error.strerror}",
                advice="end the program that has the port, or set metrics.port in config/settings.yaml",
            ) from error
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.2,), name="health", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)


def _answer(path: str, registry: CollectorRegistry, state: Callable[[], str]) -> tuple[int, str, bytes]:
    if path == "/healthz":
        return 200, TEXT, b"ok\n"
    if path == "/readyz":
        found = state()
        return 200 if found == "ready" else 503, TEXT, f"{found}\n".encode()
    if path == "/metrics":
        try:
            return 200, CONTENT_TYPE_LATEST, generate_latest(registry)
        except StoreError:
            logger.warning("the store does not answer, so the metrics were not told")
            return 503, TEXT, b"store\n"
    return 404, TEXT, b"there is /healthz, /readyz and /metrics\n"
