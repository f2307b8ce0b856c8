"""A system that answers over HTTP from a process of its own, well or badly, and keeps what it was given."""

from __future__ import annotations

import json
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from urllib.parse import parse_qs, urlsplit

from benchmarks.faults.office import FORKS
from benchmarks.faults.world import open_world

RETRY_AFTER = 2
HOLE_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: when, by what, for which key, and how it was answered."""

    at: float
    method: str
    key: str
    answer: str


@dataclass(frozen=True, slots=True)
class Remote:
    """`fault` is what it does to three requests of ten (errors) or to each (reset, hole)."""

    port: int
    world: str
    log: Path

    @contextmanager
    def serving(self, fault: str = "") -> Iterator[None]:
        process = FORKS.Process(target=_serve, args=(self, fault), daemon=True)
        process.start()
        try:
            _until_it_answers(self.port)
            yield
        finally:
            process.kill()
            process.join()

    def asked(self) -> list[Asked]:
        return [Asked(**json.loads(line)) for line in self.log.read_text().splitlines()] if self.log.exists() else []


def _until_it_answers(port: int) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise TimeoutError("the system did not start")


def _serve(remote: Remote, fault: str) -> None:
    chance = Random(7)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self._handle("POST")

        def do_GET(self) -> None:
            self._handle("GET")

        def _handle(self, method: str) -> None:
            asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
            answer = _answer(fault, chance)
            # What goes wrong, goes wrong before the system has kept the post or after it, and nobody can tell.
            kept = answer == "200" or (answer != "429" and chance.random() < 0.5)
            with closing(open_world(remote.world)) as world:
                if method == "POST" and kept:
                    world.execute("INSERT INTO posts (key, value) VALUES (?, ?)", (asked["key"], asked["value"]))
                row = world.execute("SELECT id FROM posts WHERE key = ?", (asked["key"],)).fetchone()
            told = {"at": time.time(), "method": method, "key": asked["key"], "answer": answer}
            with remote.log.open("a") as log:
                log.write(json.dumps(told) + "\n")
            if answer == "hole":
                time.sleep(HOLE_SECONDS)
            elif answer == "reset":
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
            else:
                self._say(answer, json.dumps({"id": row[0] if row else 0}).encode())

        def _say(self, answer: str, body: bytes) -> None:
            self.send_response(int(answer))
            if answer == "429":
                self.send_header("Retry-After", str(RETRY_AFTER))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """The requests have a log of their own."""

        def finish(self) -> None:
            try:
                super().finish()
            except (OSError, ValueError):
                self.close_connection = True  # it was reset on purpose

    ThreadingHTTPServer(("127.0.0.1", remote.port), Handler).serve_forever()


def _answer(fault: str, chance: Random) -> str:
    if fault == "errors":
        return chance.choice(("500", "429")) if chance.random() < 0.3 else "200"
    return fault or "200"
