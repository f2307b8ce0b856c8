"""A proxy that stands between a client and a real HTTP server and fails as networks and gateways do."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx


class UnreliableProxy:
    """`swallow` lets a JSON-RPC method through and loses its answer; `answer` replies in the server's place.

    Each rule holds for the next call of that method only. `seen` lists the methods that came by.
    """

    def __init__(self, target: str) -> None:
        self.target = target
        self.seen: list[str] = []
        self.swallowed: set[str] = set()
        self.delayed: dict[str, float] = {}
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.url = ""

    def swallow(self, method: str) -> None:
        self.swallowed.add(method)

    def delay(self, method: str, seconds: float) -> None:
        self.delayed[method] = seconds

    def answer(self, method: str, status: int, headers: dict[str, str] | None = None, body: bytes = b"") -> None:
        self.answers[method] = (status, headers or {}, body)

    def handle(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes] | None:
        method = json.loads(body)["method"]
        self.seen.append(method)
        if method in self.answers:
            return self.answers.pop(method)
        with httpx.Client() as client:
            reply = client.post(self.target + path, content=body, headers=headers, timeout=30)
        time.sleep(self.delayed.pop(method, 0))
        if method in self.swallowed:
            self.swallowed.remove(method)
            return None
        return reply.status_code, {"Content-Type": reply.headers.get("Content-Type", "text/plain")}, reply.content


@contextmanager
def unreliable_proxy(target: str) -> Iterator[UnreliableProxy]:
    proxy = UnreliableProxy(target)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            wanted = ("Content-Type", "Authorization")
            headers = {name: self.headers[name] for name in wanted if name in self.headers}
            answer = proxy.handle(self.path, headers, body)
            self.close_connection = True
            if answer is None:
                return
            status, extra, content = answer
            try:
                self.send_response(status)
                for name, value in {**extra, "Content-Length": str(len(content))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)
            except (BrokenPipeError, ConnectionResetError):
                return  # the client has given up waiting, as some tests want it to

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    proxy.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield proxy
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
