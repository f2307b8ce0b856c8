"""`alerts test` and `alerts list`."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from cli_office import Office

from engine.store import tables
from engine.store.database import Database

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


class Slack(ThreadingHTTPServer):
    """Takes messages at `/hook`, and knows nothing else."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Hook)
        self.taken: list[dict[str, Any]] = []


class _Hook(BaseHTTPRequestHandler):
    server: Slack

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        known = self.path == "/hook"
        if known:
            self.server.taken.append(json.loads(body))
        self.send_response(200 if known else 404)
        self.end_headers()
        self.wfile.write(b"ok" if known else b"no_service")

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def slack() -> Iterator[Slack]:
    with Slack() as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def told(office: Office, slack: Slack) -> Office:
    address = f"http://127.0.0.1:{slack.server_address[1]}"
    office("secret", "set", "hook", stdin=f"{address}/hook")
    office("secret", "set", "old-hook", stdin=f"{address}/gone-xyzzy")
    office.write(
        "config/connections.yaml",
        "chat: {system: slack, url: {secret: hook}}\nold: {system: slack, url: {secret: old-hook}}\n",
    )
    office.write("config/settings.yaml", "alerts:\n  team: {connection: chat}\n  gone: {connection: old}\n")
    return office


def test_a_trial_message_goes_to_the_channel(told: Office, slack: Slack) -> None:
    answer = told("alerts", "test", "team", "--json")
    assert answer.lines == [{"channel": "team", "connection": "chat", "sent": True, "error": None}]
    assert answer.code == 0
    assert [one["text"] for one in slack.taken] == ["Clerkwork: a trial message"]


def test_a_channel_that_does_not_take_it_is_told_of_without_its_address(told: Office) -> None:
    answer = told("alerts", "test")
    assert answer.code == 1
    assert answer.out.splitlines() == [
        "team: sent",
        "gone: slack answered 404: no_service; see the connection in config/connections.yaml, then `alerts test`",
    ]
    assert "xyzzy" not in answer.out + answer.err


def test_a_channel_that_is_not_there_is_named(told: Office, office: Office) -> None:
    answer = told("alerts", "test", "taem")
    assert (answer.code, answer.err) == (2, "clerkwork: there is no channel taem; did you mean team?\n")


def test_without_channels_it_says_what_to_do(office: Office) -> None:
    answer = office("alerts", "test")
    assert (answer.code, answer.err) == (
        2,
        "clerkwork: nobody is told of trouble; name a channel under `alerts` in config/settings.yaml\n",
    )
    assert office("alerts", "list").out == "nothing is wrong that anybody is to be told of\n"


def test_a_message_that_was_not_taken_is_listed_and_doctor_warns_of_it(told: Office) -> None:
    assert told("alerts", "list", "--json").lines == []
    database = Database(f"sqlite:///{told.root}/data/clerkwork.db")
    row = {"id": "alert_1", "channel": "gone", "what": "disk", "subject": "host", "fingerprint": "f", "number": 1}
    row |= {"message": "host has 0.5 GB free", "first": NOW, "last": NOW, "pending": "first", "next_try": NOW}
    with database.write() as transaction:
        transaction.execute(tables.alerts.insert(), {**row, "tries": 3, "error": "slack answered 404: no_service"})
    database.close()
    (line,) = told("alerts", "list", "--json").lines
    assert (line["channel"], line["message"], line["error"]) == (
        "gone", "host has 0.5 GB free", "slack answered 404: no_service",
    )  # fmt: skip
    found = {one["check"]: one for one in told("doctor", "--json").lines}["alerts"]
    assert found["state"] == "warning"
    assert found["found"] == "1 not delivered, the first to gone: slack answered 404: no_service"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "alerts:\n  team: {conection: chat}\n",
            "alerts.team.conection is not a setting; did you mean connection?",
        ),
        ("alerts:\n  team: {connection: chat, what: [everything]}\n", "alerts.team.what.0 is 'everything'; expected"),
    ],
)
def test_a_wrong_setting_is_named(text: str, said: str, office: Office) -> None:
    office.write("config/settings.yaml", text)
    answer = office("alerts", "list")
    assert answer.code == 2
    assert said in answer.err
