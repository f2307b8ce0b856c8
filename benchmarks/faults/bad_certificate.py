"""An ERP whose certificate is not to be trusted: nothing may be sent to it, least of all the password."""

from __future__ import annotations

import shutil
import ssl
import subprocess
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TypeVar

from pydantic import SecretStr

from benchmarks.faults.row import Row
from connectors.erp.connection import ErpConnection
from connectors.erp.tryton_session import TrytonSession
from engine.errors import ApplicationException, Outcome

R = TypeVar("R")
TIMES = 5


class Caller:
    """As much of a step's context as the client asks for."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def resource(self, key: str, make: Callable[[], R], close: Callable[[R], None] | None = None) -> R:
        return make()

    def remaining(self) -> float:
        return 5.0

    def sleep(self, seconds: float) -> None:
        raise AssertionError("a certificate does not get better with time")

    def event(self, name: str, **data: object) -> None:
        """Nobody listens here."""


def bad_certificate(folder: Path) -> Row:
    """The certificate is signed by itself; the client must refuse it each time, before it sends anything."""
    fault, goal = "a bad TLS certificate", "refused, 0 requests sent"
    if shutil.which("openssl") is None:
        return Row(fault, "-", 1, 0, goal=goal, told="left out: needs openssl (apt install openssl)")
    got: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(self.path)
            self.send_error(500)

        def log_message(self, format: str, *args: object) -> None:
            """What it got is counted."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """A handshake that the client breaks off is what is wanted here."""

    server = Server(("127.0.0.1", 0), Handler)
    server.socket = _context(folder).wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        refused = sum(_is_refused(server.server_port) for _ in range(TIMES))
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    met, told = refused == TIMES and not got, f"{refused} of {TIMES} refused, {len(got)} requests got through"
    return Row(fault, "-", 1, TIMES, goal=goal, met=met, told=told)


def _context(folder: Path) -> ssl.SSLContext:
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    command += ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


def _is_refused(port: int) -> bool:
    url = f"https://localhost:{port}"
    connection = ErpConnection(system="tryton", url=url, database="erp", user="rpa", password=SecretStr("drill"))
    session = TrytonSession("erp", connection)
    try:
        session.call(Caller(), "model.party.party.read", [1], effect=True)
    except ApplicationException as error:
        certificate = "certificate" in str(error).lower()
        return error.code == "ERP_UNREACHABLE" and error.outcome is Outcome.NOT_DONE and certificate
    finally:
        session.close()
    return False
