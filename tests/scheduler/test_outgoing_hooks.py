"""Calls to other systems: signed, once for each thing that happened, again until they are taken."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from fakes.shop import NOW, Shop
from standardwebhooks import Webhook

from config.settings import Hook
from connectors.webhook.connection import hook_connection
from engine.errors import ConfigurationError
from engine.scrub import Scrubber
from engine.store import tables
from engine.store.database import Database, change, rows
from scheduler.outgoing import GIVEN_UP, KEPT, Outgoing, retry

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
FLOW = """\
workflow: shop
inputs: {n: {type: integer, required: false, default: 1}, fail: {type: text, required: false, default: ""}}
steps:
  - name: Post
    world.shout: {world: WORLD, value: "${{ item.n }}", fail: "${{ item.fail }}"}
outputs: {number: "${{ item.n }}"}
"""


class Receiver:
    """A system that takes calls, verified with the library of Standard Webhooks; `answers` come before a 204."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.ids: list[str] = []
        self.answers: list[tuple[int, dict[str, str]]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.ids.append(self.headers["webhook-id"])
                status, headers = receiver.answers.pop(0) if receiver.answers else (204, {})
                if status == 204:
                    key = Webhook(SECRET)
                    told = {name.lower(): value for name, value in self.headers.items()}
                    # The office's clock stands still, so the time is looked at by the test itself.
                    signed = key.sign(told["webhook-id"], NOW_OF[0], body.decode())
                    assert signed in told["webhook-signature"].split()
                    receiver.taken.append(json.loads(body))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing: a test's output is its own."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/calls/of-the-office"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


NOW_OF = [NOW]


class Knows:
    def __init__(self, url: str) -> None:
        self.scrubber = Scrubber()
        self.scrubber.add("hunter2hunter2")
        self.url = url

    def connection(self, name: str) -> dict[str, Any]:
        return {"system": "webhook", "url": self.url, "secret": SECRET}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with closing(Receiver()) as made:
        yield made


@pytest.fixture
def shop(store: Database, tmp_path: Path) -> Shop:
    return Shop(tmp_path, FLOW, store)


Make = Callable[..., Outgoing]


@pytest.fixture
def office(shop: Shop, receiver: Receiver) -> Make:
    """`office(**hook)`: the calls of one scheduler, which has looked once already."""

    def make(**given: Any) -> Outgoing:
        hook = Hook(**{"connection": "erp", **given})
        made = Outgoing(shop.database, shop.clock, {"erp": hook}, Knows(receiver.url))
        made.look()
        return made

    return make


def later(shop: Shop, length: timedelta, *offices: Outgoing) -> None:
    shop.clock.sleep(length.total_seconds())
    NOW_OF[0] = shop.clock.now()
    for one in offices:
        one.look()
        one.deliver()


def told(receiver: Receiver) -> list[tuple[str, str]]:
    return [(one["type"], one["data"]["item"]) for one in receiver.taken]


SECOND = timedelta(seconds=1)


def test_what_happens_is_told_once_signed_and_with_its_data(shop: Shop, receiver: Receiver, office: Make) -> None:
    before = shop.work(n=1).item
    shop.clock.sleep(300)
    made = office()
    done = shop.work(n=2)
    failed = shop.work(n=3, fail="refused")
    later(shop, SECOND, made, made)
    assert sorted(told(receiver)) == [("exception.opened", failed.item), ("item.closed", done.item)]
    assert before not in str(receiver.taken)
    closed = next(one for one in receiver.taken if one["type"] == "item.closed")
    assert closed["timestamp"] == closed["data"]["finished"]
    assert {name: closed["data"][name] for name in ("workflow", "state", "key", "code")} == {
        "workflow": "shop",
        "state": "done",
        "key": done.key,
        "code": None,
    }
    assert "outputs" not in closed["data"]
    later(shop, timedelta(hours=1), made)
    assert len(receiver.taken) == 2


def test_outputs_go_along_where_the_settings_say_so_and_secrets_never_do(
    shop: Shop, receiver: Receiver, office: Make
) -> None:
    made = office(what=["item.closed"], outputs=True)
    item = shop.work(n=7).item
    with shop.database.write() as transaction:
        change(transaction, tables.items, {"id": item}, message="the password is hunter2hunter2")
    later(shop, SECOND, made)
    (call,) = receiver.taken
    assert call["data"]["outputs"] == {"number": 7}
    assert "hunter2" not in json.dumps(call)


def test_what_no_system_asked_for_is_not_told(shop: Shop, receiver: Receiver, office: Make) -> None:
    made = office(workflows=["another"])
    shop.work(n=1)
    later(shop, SECOND, made)
    assert receiver.ids == []


def test_a_call_that_is_not_taken_is_made_again_with_the_same_id(shop: Shop, receiver: Receiver, office: Make) -> None:
    made = office()
    receiver.answers = [(500, {}), (429, {"retry-after": "120"})]
    shop.work(n=1)
    later(shop, SECOND, made)
    assert (len(receiver.ids), receiver.taken) == (1, [])
    later(shop, timedelta(seconds=11), made)
    assert len(receiver.ids) == 2
    later(shop, timedelta(seconds=60), made)
    assert len(receiver.ids) == 2  # it asked for two minutes
    later(shop, timedelta(seconds=61), made)
    assert len(receiver.taken) == 1
    assert len(set(receiver.ids)) == 1


def test_a_receiver_that_takes_nothing_is_left_alone_and_then_told_in_order(
    shop: Shop, receiver: Receiver, office: Make
) -> None:
    made = office(what=["item.closed"])
    receiver.answers = [(503, {})]
    items = [shop.work(n=number).item for number in range(3) if shop.clock.sleep(1) is None]
    later(shop, SECOND, made)
    later(shop, SECOND, made)
    assert len(receiver.ids) == 1
    later(shop, timedelta(seconds=11), made)
    assert [item for _, item in told(receiver)] == items


def test_a_call_that_the_receiver_does_not_understand_keeps_no_other_from_it(
    shop: Shop, receiver: Receiver, office: Make
) -> None:
    made = office(what=["item.closed"])
    receiver.answers = [(422, {})]
    items = [shop.work(n=number).item for number in range(3) if shop.clock.sleep(1) is None]
    later(shop, SECOND, made)
    assert [item for _, item in told(receiver)] == items[1:]
    later(shop, timedelta(seconds=11), made)
    assert [item for _, item in told(receiver)] == [*items[1:], items[0]]


def test_a_call_is_given_up_after_three_days_and_can_be_made_again(
    shop: Shop, receiver: Receiver, office: Make
) -> None:
    made = office()
    receiver.answers = [(500, {})] * 2
    shop.work(n=1)
    later(shop, SECOND, made)
    later(shop, GIVEN_UP + SECOND, made)
    later(shop, timedelta(hours=2), made)
    assert (len(receiver.ids), receiver.taken) == (2, [])
    with shop.database.write() as transaction:
        (row,) = rows(transaction, tables.deliveries.select())
        assert (row["next_try"], row["error"]) == (None, "it answered 500: ")
        assert retry(transaction, "erp", shop.clock.now()) == 1
    later(shop, SECOND, made)
    assert len(receiver.taken) == 1
    later(shop, KEPT, made)
    with shop.database.read() as transaction:
        assert rows(transaction, tables.deliveries.select()) == []


def test_two_schedulers_tell_it_once(shop: Shop, receiver: Receiver, office: Make) -> None:
    first, second = office(), office()
    for number in range(20):
        shop.work(n=number)
    NOW_OF[0] = shop.clock.now()
    threads = [threading.Thread(target=later, args=(shop, timedelta(), one)) for one in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    later(shop, SECOND, first, second)
    assert len(receiver.taken) == 20
    assert len(set(receiver.ids)) == 20


def test_what_happened_while_nobody_looked_is_told_afterwards(
    shop: Shop, receiver: Receiver, office: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scheduler.outgoing.AT_ONCE", 4)
    made = office(what=["item.closed"])
    items = []
    for number in range(10):
        shop.clock.sleep(600)
        items.append(shop.work(n=number).item)
    for _ in range(6):
        later(shop, SECOND, made)
    assert [item for _, item in told(receiver)] == items


def test_a_receiver_that_is_away_is_told_of_without_its_address(shop: Shop, receiver: Receiver, office: Make) -> None:
    made = office()
    receiver.close()
    shop.work(n=1)
    later(shop, SECOND, made)
    with shop.database.read() as transaction:
        (row,) = rows(transaction, tables.deliveries.select())
    assert row["error"] == "it does not answer (ConnectError)"


def test_attack_12_ssrf_a_redirect_is_not_followed(shop: Shop, receiver: Receiver, office: Make) -> None:
    made = office()
    receiver.answers = [(307, {"location": receiver.url + "/elsewhere"})]
    shop.work(n=1)
    later(shop, SECOND, made)
    assert len(receiver.ids) == 1


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"url": "http://erp.example.com/hook"}, "url: expected an address that begins with https://"),
        ({"secret": "short"}, "secret: expected 16 letters or more"),
        ({"secret": "whsec_not base64 at all"}, "secret: begins with whsec_ and is no base64 after it"),
        ({"token": "x"}, "token: Extra inputs are not permitted"),
    ],
)
def test_a_connection_that_is_not_right_is_refused(wrong: dict[str, str], why: str) -> None:
    given = {"system": "webhook", "url": "https://erp.example.com/hook", "secret": SECRET, **wrong}
    with pytest.raises(ConfigurationError, match="config/connections.yaml: connection erp: " + why) as refused:
        hook_connection("erp", given)
    assert "short" not in str(refused.value)
