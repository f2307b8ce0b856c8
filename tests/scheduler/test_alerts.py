"""Trouble is told once for each cause, again while it lasts, and when it is over; never lost, never by two at once."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime, time
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import pytest
from fakes.shop import NOW, Shop
from peers.postgres import PostgresServer

from config.settings import AlertChannel, QuietHours
from engine import admission
from engine.admission import Limits
from engine.errors import ConfigurationError
from engine.scrub import Scrubber
from engine.store import tables
from engine.store.database import Database, rows
from scheduler import presence
from scheduler import troubles as troubles_module
from scheduler.alerts import Alerts, end_of_quiet, is_for
from scheduler.troubles import Trouble

FLOW = """\
workflow: shop
inputs: {n: {type: integer, required: false, default: 1}}
steps:
  - set: {a: 1}
"""


class WebHook:
    """A server that takes messages as Slack and Teams do, and refuses while `refuses`."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.refuses = False
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = 503 if hook.refuses else 200
                if not hook.refuses:
                    hook.taken.append(json.loads(body))
                self.send_response(status)
                self.end_headers()
                self.wfile.write(b"not now" if hook.refuses else b"ok")

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/services/T0/hook-secret"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def titles(self) -> list[str]:
        return [one["blocks"][0]["text"]["text"] for one in self.taken]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _MailSession(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        say = lambda text: self.wfile.write(text.encode() + b"\r\n")  # noqa: E731
        say("220 here")
        while line := self.rfile.readline():
            word = line.split()[0].upper() if line.split() else b""
            if word == b"EHLO":
                say("250-here\r\n250 SIZE 1000000")
            elif word == b"DATA":
                say("354 go on")
                content = b""
                while (part := self.rfile.readline()) != b".\r\n":
                    content += part
                self.server.taken.append(content)  # type: ignore[attr-defined]
                say("250 taken")
            elif word == b"QUIT":
                say("221 bye")
                return
            else:
                say("250 fine")


class Knows:
    """Connections by name, as the project's surroundings hand them out."""

    def __init__(self, connections: Mapping[str, Mapping[str, Any]]) -> None:
        self.connections, self.scrubber = connections, Scrubber()
        self.scrubber.add("hook-secret")

    def connection(self, name: str) -> Mapping[str, Any]:
        if name not in self.connections:
            raise ConfigurationError(f"there is no connection {name}", advice="write it")
        return self.connections[name]


@pytest.fixture
def hook() -> Iterator[WebHook]:
    with closing(WebHook()) as made:
        yield made


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path, FLOW)


Make = Callable[..., Alerts]


@pytest.fixture
def office(shop: Shop, hook: WebHook, tmp_path: Path) -> Make:
    """`office(**channel)`: the alerts of one scheduler, with one channel to Slack."""

    def make(**given: Any) -> Alerts:
        knows = Knows({"chat": {"system": "slack", "url": hook.url}})
        channel = AlertChannel(**{"connection": "chat", **given})
        return Alerts(shop.database, shop.clock, {"team": channel}, knows, ZoneInfo("UTC"), tmp_path)

    return make


def fail(shop: Shop, number: int, code: str = "ERP_DOWN", assigned: str | None = None) -> None:
    with shop.database.write() as transaction:
        known = len(rows(transaction, tables.exceptions.select()))
        told = {"item": "item_1", "run": "run_1", "workflow": "shop", "kind": "application", "code": code}
        told |= {"message": "ACME owes 12", "path": "post", "step": "Post", "fingerprint": "f", "created": NOW}
        for one in range(number):
            row = {**told, "id": f"exc_{known + one}", "assigned": assigned}
            transaction.execute(tables.exceptions.insert(), row)


def mend(shop: Shop) -> None:
    with shop.database.write() as transaction:
        transaction.execute(tables.exceptions.update().values(closed=shop.clock.now()))


def pass_by(shop: Shop, alerts: Alerts, seconds: float = 20) -> None:
    """Look, let time go by, look and deliver."""
    alerts.look()
    shop.clock.sleep(seconds)
    alerts.look()
    alerts.deliver()


def test_500_equal_failures_are_one_message_then_a_reminder_then_over_again(
    shop: Shop, office: Make, hook: WebHook
) -> None:
    alerts = office(remind=60)
    fail(shop, 300)
    alerts.look()
    fail(shop, 200)
    pass_by(shop, alerts)
    pass_by(shop, alerts)
    assert hook.titles == ["Shop: 500 items failed, ERP_DOWN at the step Post"]
    fail(shop, 4)
    pass_by(shop, alerts, 3600)
    assert hook.titles[1:] == ["Still so: shop: 504 items failed, ERP_DOWN at the step Post"]
    mend(shop)
    pass_by(shop, alerts)
    pass_by(shop, alerts, 90000)
    assert hook.titles[2:] == ["Over again: shop: 504 items failed, ERP_DOWN at the step Post"]
    fail(shop, 1)
    pass_by(shop, alerts)
    pass_by(shop, alerts)
    assert hook.titles[3:] == ["Shop: 1 item failed, ERP_DOWN at the step Post"]


def test_no_text_of_an_item_is_told(shop: Shop, office: Make, hook: WebHook) -> None:
    fail(shop, 1)
    pass_by(shop, office())
    assert "ACME" not in json.dumps(hook.taken)


def test_slack_gets_its_documented_form(shop: Shop, office: Make, hook: WebHook) -> None:
    fail(shop, 1, code="A<B>&C")
    pass_by(shop, office())
    (told,) = hook.taken
    assert told["text"] == "Shop: 1 item failed, A&lt;B&gt;&amp;C at the step Post"
    assert [block["type"] for block in told["blocks"]] == ["header", "section"]
    assert {block["text"]["type"] for block in told["blocks"]} == {"plain_text"}


def test_teams_gets_a_message_with_an_adaptive_card(shop: Shop, office: Make, hook: WebHook) -> None:
    alerts = office()
    alerts.connections = Knows({"chat": {"system": "teams", "url": hook.url}})
    fail(shop, 1)
    pass_by(shop, alerts)
    (told,) = hook.taken
    (attachment,) = told["attachments"]
    assert told["type"] == "message"
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert attachment["content"]["type"] == "AdaptiveCard"
    assert attachment["content"]["body"][0]["inlines"][0]["text"].startswith("Shop: 1 item failed")


def test_mail_goes_out_over_smtp(shop: Shop, office: Make) -> None:
    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        taken: ClassVar[list[bytes]] = []

    with Server(("127.0.0.1", 0), _MailSession) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        alerts = office()
        smtp = {"system": "smtp", "host": "127.0.0.1", "port": server.server_address[1], "security": "none"}
        alerts.connections = Knows({"chat": {**smtp, "sender": "rpa@example.com", "to": ["lead@example.com"]}})
        fail(shop, 2)
        pass_by(shop, alerts)
        server.shutdown()
    (raw,) = server.taken
    mail = message_from_bytes(raw, policy=policy.default)
    assert (mail["To"], mail["From"]) == ("lead@example.com", "rpa@example.com")
    assert mail["Subject"] == "Shop: 2 items failed, ERP_DOWN at the step Post"
    assert "since 2026-03-02 09:00 UTC" in mail.get_content()


def test_what_is_refused_is_tried_again_until_it_is_taken_and_says_why_meanwhile(
    shop: Shop, office: Make, hook: WebHook
) -> None:
    alerts = office()
    hook.refuses = True
    fail(shop, 1)
    pass_by(shop, alerts)
    with shop.database.read() as transaction:
        (row,) = rows(transaction, tables.alerts.select())
    assert (row["error"], row["pending"], row["tries"]) == ("slack answered 503: not now", "first", 1)
    hook.refuses = False
    assert alerts.deliver() == 0  # not before half a minute has gone by
    shop.clock.sleep(31)
    assert alerts.deliver() == 1
    assert alerts.deliver() == 0
    assert len(hook.taken) == 1


def test_trouble_that_ended_before_it_could_be_told_is_told_all_the_same(
    shop: Shop, office: Make, hook: WebHook
) -> None:
    alerts = office()
    fail(shop, 1)
    alerts.look()
    mend(shop)
    pass_by(shop, alerts)
    shop.clock.sleep(11)
    pass_by(shop, alerts)
    (told,) = hook.taken
    assert "over again at 2026-03-02 09:00 UTC" in told["blocks"][1]["text"]["text"]


def test_a_connection_that_is_missing_is_an_error_of_the_alert_and_shows_no_secret(
    shop: Shop, office: Make, hook: WebHook
) -> None:
    alerts = office()
    hook.close()
    fail(shop, 1)
    pass_by(shop, alerts)
    with shop.database.read() as transaction:
        (row,) = rows(transaction, tables.alerts.select())
    assert row["error"] == "slack does not answer (ConnectError)"
    alerts.connections = Knows({})
    shop.clock.sleep(31)
    alerts.deliver()
    with shop.database.read() as transaction:
        (row,) = rows(transaction, tables.alerts.select())
    assert row["error"] == "there is no connection chat"


def both_stores(tmp_path: Path, postgres: PostgresServer | None) -> Database:
    return Database(postgres.new_database("alerts") if postgres else f"sqlite:///{tmp_path}/clerkwork.sqlite")


@pytest.mark.parametrize("store", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_several_schedulers_tell_it_once(
    store: str, tmp_path: Path, hook: WebHook, request: pytest.FixtureRequest
) -> None:
    database = both_stores(tmp_path, request.getfixturevalue("postgres") if store == "postgres" else None)
    shop = Shop(tmp_path, FLOW, database)
    knows = Knows({"chat": {"system": "slack", "url": hook.url}})
    channels = {"team": AlertChannel(connection="chat")}
    many = [Alerts(database, shop.clock, channels, knows, UTC, tmp_path) for _ in range(4)]
    for code in ("ONE", "TWO", "THREE"):
        fail(shop, 2, code)
    run_all([one.look for one in many])
    shop.clock.sleep(20)
    run_all([one.deliver for one in many])
    assert sorted(title.split()[4] for title in hook.titles) == ["ONE", "THREE", "TWO"]
    database.close()


def run_all(jobs: list[Callable[[], object]]) -> None:
    threads = [threading.Thread(target=job) for job in jobs]
    for one in threads:
        one.start()
    for one in threads:
        one.join()


def test_what_a_scheduler_that_died_held_is_sent_by_another(shop: Shop, office: Make, hook: WebHook) -> None:
    first, second = office(), office()
    fail(shop, 1)
    first.look()
    shop.clock.sleep(20)
    with shop.database.read() as transaction:
        (row,) = rows(transaction, tables.alerts.select())
    assert first._hold(row["id"], shop.clock.now()) is not None
    assert second.deliver() == 0
    shop.clock.sleep(121)
    assert second.deliver() == 1


def test_every_kind_of_trouble_is_told(
    shop: Shop, office: Make, hook: WebHook, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(troubles_module, "LEAST_DISK", 10**18)
    with shop.database.write() as transaction:
        assert admission.failed(transaction, "erp", Limits(stop_after=1), NOW, "nothing answers", None)
    item = shop.add()
    with shop.database.write() as transaction:
        transaction.execute(tables.items.update().where(tables.items.c.id == item).values(due=NOW))
        transaction.execute(
            tables.queues.insert(), {"workflow": "other", "paused": True, "reason": "by ann", "failures_in_row": 0}
        )
        transaction.execute(
            tables.triggers.insert(), {"name": "shop/daily", "workflow": "shop", "since": NOW, "paused": False}
        )
        refused = {"schedule": "shop/daily", "fire_time": NOW, "made": NOW, "outcome": "refused"}
        transaction.execute(tables.firings.insert(), refused)
        for number in range(3):
            presence.announce(transaction, f"worker_{number}", "worker", "host", NOW)
    shop.clock.sleep(60)
    alerts = office()
    pass_by(shop, alerts)
    assert sorted(title for title in hook.titles if "GB free" not in title) == [
        "3 workers were lost within an hour",
        "Shop: 1 item is past due",
        "The connection erp is down: nothing answers",
        "The queue other is paused: by ann",
        "The schedule shop/daily made no item, once within a day",
    ]
    assert len(hook.titles) == 6
    with shop.database.write() as transaction:
        admission.works(transaction, "erp")
    pass_by(shop, alerts)
    assert hook.titles[-1] == "Over again: the connection erp is down: nothing answers"


def test_a_channel_hears_of_its_workflows_its_teams_and_what_it_asked_for() -> None:
    failed = Trouble("failed", "a", "a", 1, "invoices", "finance")
    disk = Trouble("disk", "host", "full")
    assert is_for(AlertChannel(connection="c"), failed)
    assert is_for(AlertChannel(connection="c", workflows=("invoices",), teams=("finance",)), failed)
    assert not is_for(AlertChannel(connection="c", workflows=("payroll",)), failed)
    assert not is_for(AlertChannel(connection="c", teams=("hr",)), failed)
    assert not is_for(AlertChannel(connection="c", what=("disk",)), failed)
    assert is_for(AlertChannel(connection="c", workflows=("payroll",)), disk)


def test_quiet_hours_hold_a_message_back_until_they_end(shop: Shop, office: Make, hook: WebHook) -> None:
    alerts = office(quiet=QuietHours(start=time(8), end=time(10)))
    fail(shop, 1)
    pass_by(shop, alerts)
    assert hook.taken == []
    shop.clock.sleep(3600)
    alerts.deliver()
    assert len(hook.taken) == 1


@pytest.mark.parametrize(("hour", "ends"), [(19, None), (20, 3), (23, 3), (3, 2), (6, 2), (7, None)])
def test_quiet_hours_go_over_midnight(hour: int, ends: int | None) -> None:
    channel = AlertChannel(connection="c", quiet=QuietHours(start=time(20), end=time(7)))
    found = end_of_quiet(channel, datetime(2026, 3, 2, hour, tzinfo=UTC), UTC)
    assert found == (None if ends is None else datetime(2026, 3, ends, 7, tzinfo=UTC))
