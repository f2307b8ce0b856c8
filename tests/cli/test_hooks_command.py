"""`hooks test`, `hooks list`, `hooks retry`, and a scheduler that makes the calls."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from cli_office import Office
from test_processes_commands import started

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
FLOW = """\
workflow: greet
inputs: {name: {type: text}}
steps:
  - set: {a: 1}
outputs: {told: "${{ item.name }}"}
"""


class Erp(ThreadingHTTPServer):
    """Takes calls at `/calls`, and knows nothing else."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Calls)
        self.taken: list[dict[str, Any]] = []
        self.is_called = threading.Event()


class _Calls(BaseHTTPRequestHandler):
    server: Erp

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        known = self.path == "/calls"
        if known:
            self.server.taken.append(json.loads(body))
            self.server.is_called.set()
        self.send_response(204 if known else 404)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def erp() -> Iterator[Erp]:
    with Erp() as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def called(office: Office, erp: Erp) -> Office:
    address = f"http://127.0.0.1:{erp.server_address[1]}"
    office("secret", "set", "calls", stdin=SECRET)
    office.write(
        "config/connections.yaml",
        f"erp: {{system: webhook, url: {address}/calls, secret: {{secret: calls}}}}\n"
        f"old: {{system: webhook, url: {address}/gone, secret: {{secret: calls}}}}\n",
    )
    office.write("config/settings.yaml", "hooks:\n  erp: {connection: erp, outputs: true}\n  gone: {connection: old}\n")
    return office


def test_a_trial_call_tells_whether_it_is_taken(called: Office, erp: Erp) -> None:
    answer = called("hooks", "test", "erp", "--json")
    assert answer.lines == [{"hook": "erp", "connection": "erp", "taken": True, "error": None}]
    assert [(one["type"], one["data"]) for one in erp.taken] == [("test", {"hook": "erp"})]
    answer = called("hooks", "test")
    assert answer.code == 1
    assert answer.out.splitlines() == [
        "erp: taken",
        "gone: it answered 404: ; see the connection in config/connections.yaml, then `hooks test`",
    ]


def test_a_hook_that_is_not_there_is_told_with_those_that_are(called: Office) -> None:
    answer = called("hooks", "retry", "erb")
    assert (answer.code, answer.err) == (2, "clerkwork: there is no hook erb; did you mean erp?\n")


def test_without_hooks_it_says_how_to_have_one(office: Office) -> None:
    answer = office("hooks", "test")
    assert answer.code == 2
    assert answer.err == (
        "clerkwork: no system is called when something has happened; name one under `hooks` in config/settings.yaml\n"
    )
    assert office("hooks", "list").out == "no call waits, and none was given up\n"


def test_a_setting_of_a_hook_that_is_not_known_is_told_with_its_place(office: Office) -> None:
    office.write("config/settings.yaml", "hooks:\n  erp: {connection: erp, event: item.closed}\n")
    answer = office("hooks", "list")
    assert answer.code == 2
    assert "settings.yaml:2:26: hooks.erp.event is not a setting" in answer.err
    assert "the settings here are connection, outputs, what, workflows" in answer.err


def test_a_scheduler_tells_what_is_closed(called: Office, erp: Erp) -> None:
    called.write("workflows/greet.yaml", FLOW)
    with started(called, "--workers", "0", "--no-console"):
        deadline = time.monotonic() + 60
        number = 0
        while not erp.is_called.wait(1):  # what was closed before the scheduler first looked is not told
            assert time.monotonic() < deadline
            number += 1
            assert called("run", "greet", "--item", f"name=Mia {number}").code == 0
        while not (failed := [one for one in called("hooks", "list", "--json").lines if one["error"]]):
            assert time.monotonic() < deadline
    closed = next(one for one in erp.taken if one["type"] == "item.closed")
    assert closed["data"]["outputs"]["told"].startswith("Mia ")
    assert {(one["hook"], one["error"]) for one in failed} == {("gone", "it answered 404: ")}
    assert called("hooks", "retry", "gone", "--json").lines[0]["calls"] >= 1
