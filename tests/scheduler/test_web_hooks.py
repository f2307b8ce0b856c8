"""Web hooks: a signed call makes one item; forged, late, repeated and malformed calls make none."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from fakes.shop import Shop

from connectors.webhook.signing import signature
from engine.store import tables
from engine.store.database import rows
from scheduler import registered
from scheduler.webhook import Hooks

FLOW = """
workflow: shop
inputs: {number: integer, total: {type: money, required: false}, note: {type: text, required: false}}
triggers:
  - webhook: {path: orders/new, secret: orders OPTIONS}
steps:
  - world.post: {world: WORLD, value: "${{ item.number }} ${{ item.total }}"}
"""
SECRET = "a long and secret word"


def hooked(tmp_path: Path, options: str = "", secret: str = SECRET) -> tuple[Shop, Hooks]:
    shop = Shop(tmp_path, FLOW.replace(" OPTIONS", options))
    shop.surroundings.secrets = {"orders": secret}
    with shop.database.write() as tx:
        registered.register(tx, {"shop/hook/orders/new": "shop"}, shop.clock.now())
    return shop, Hooks(shop.engine)


def call(
    shop: Shop,
    hooks: Hooks,
    body: object,
    call: str = "msg_1",
    late: int = 0,
    key: bytes = SECRET.encode(),
    **more: str,
) -> tuple[int, Any]:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    timestamp = str(int(shop.clock.now().timestamp()) - late)
    headers = {
        "webhook-id": call,
        "webhook-timestamp": timestamp,
        "webhook-signature": signature(key, call, timestamp, raw),
    }
    answer = hooks.receive("orders/new", headers | more, raw)
    return answer.status, answer.told.get("error", answer.told)


def queued(shop: Shop) -> list[dict[str, Any]]:
    with shop.database.read() as tx:
        return [dict(row["inputs"]) for row in rows(tx, tables.items.select())]


def test_attack_16_replayed_web_hook_a_signed_call_makes_one_item_however_often_it_comes(tmp_path: Path) -> None:
    shop, hooks = hooked(tmp_path)
    status, told = call(shop, hooks, {"number": 7, "total": "12.50"})
    assert (status, told["new"]) == (202, True)
    assert call(shop, hooks, {"number": 7, "total": "12.50"}) == (200, {"item": told["item"], "new": False})
    assert call(shop, hooks, {"number": 8}, "msg_2")[0] == 202
    assert shop.go_on(told["item"]).outcome == "done" and shop.posts == ["7 12.50"]


def test_the_signature_is_that_of_standard_webhooks(tmp_path: Path) -> None:
    """The example of the specification's own libraries."""
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    told = signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}')
    assert told == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    shop, hooks = hooked(tmp_path, secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    assert call(shop, hooks, {"number": 7}, key=key)[0] == 202


def test_while_a_secret_is_changed_one_of_several_signatures_is_enough(tmp_path: Path) -> None:
    shop, hooks = hooked(tmp_path)
    raw, stamp = b'{"number": 1}', str(int(shop.clock.now().timestamp()))
    both = f"{signature(b'old', 'm', stamp, raw)} {signature(SECRET.encode(), 'm', stamp, raw)}"
    headers = {"webhook-id": "m", "webhook-timestamp": stamp, "webhook-signature": both}
    assert hooks.receive("orders/new", headers, raw).status == 202


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"key": b"guessed"}, 401, "the signature is not right"),
        (
            {"webhook-signature": ""},
            401,
            "the call is not signed; expected webhook-id, webhook-timestamp and webhook-signature",
        ),
        ({"webhook-signature": "v1,"}, 401, "the signature is not right"),
        ({"webhook-id": "msg_9"}, 401, "the signature is not right"),
        ({"webhook-timestamp": "1"}, 401, "the signature is not right"),
        ({"late": 301}, 401, "the time of the call is off by more than 5m"),
        ({"late": -301}, 401, "the time of the call is off by more than 5m"),
        ({"call": "x" * 151}, 400, "webhook-id is longer than 150 letters or not printable"),
        ({"body": b"number=7"}, 400, "the body is not JSON in UTF-8"),
        ({"body": b'{"number": "\xff"}'}, 400, "the body is not JSON in UTF-8"),
        ({"body": b"[" * 100_000}, 400, "the body is not JSON in UTF-8"),
        ({"body": [7]}, 422, "the body is no JSON object; its fields are the inputs of the item"),
        ({"body": {"number": "many"}}, 422, "item of shop: number is 'many', expected a whole number"),
        (
            {"body": {"number": 1, "admin": 1}},
            422,
            "item of shop: admin is not an input of shop (its inputs: number, total, note)",
        ),
    ],
)
def test_attack_16_forged_web_hook_a_call_that_is_not_right_makes_nothing_and_is_told_why(
    tmp_path: Path, change: dict[str, Any], status: int, error: str
) -> None:
    shop, hooks = hooked(tmp_path)
    heard: list[str] = []
    shop.engine.events.listen(lambda event: heard.append(str(event.data.get("message"))))
    assert call(shop, hooks, **({"body": {"number": 7}} | change)) == (status, error)
    assert queued(shop) == [] and heard == [f"a call was refused: {error}"]


def test_a_call_that_was_refused_for_its_body_may_come_again_corrected(tmp_path: Path) -> None:
    shop, hooks = hooked(tmp_path)
    assert call(shop, hooks, {"number": "many"})[0] == 422
    assert call(shop, hooks, {"number": 7})[0] == 202


def test_the_whole_body_or_values_worked_out_of_it(tmp_path: Path) -> None:
    shop, hooks = hooked(tmp_path, ', inputs: {number: "${{ body.order.id }}", note: "${{ body.lines[0] }}"}')
    assert call(shop, hooks, {"order": {"id": 4}, "lines": ["a"]})[0] == 202
    assert call(shop, hooks, {"order": {}}, "msg_2")[0] == 422
    assert queued(shop) == [{"number": 4, "total": None, "note": "a"}]


def test_other_addresses_paused_hooks_and_a_secret_that_is_not_set(tmp_path: Path) -> None:
    shop, hooks = hooked(tmp_path)
    assert hooks.receive("orders", {}, b"{}").told == {"error": "there is no web hook at this address"}
    with shop.database.write() as tx:
        registered.pause(tx, "shop/hook/orders/new", "stocktaking")
    assert call(shop, hooks, {"number": 1}) == (503, "this web hook is paused; call again later")
    shop.surroundings.secrets = {}
    assert call(shop, hooks, {"number": 1}) == (503, "this web hook is not set up")
    shop.surroundings.secrets = {"orders": "whsec_not base64"}
    assert call(shop, hooks, {"number": 1}) == (503, "this web hook is not set up")


def test_a_store_that_does_not_answer_is_told_and_the_call_may_come_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop, hooks = hooked(tmp_path)

    def refuse(*_: object) -> None:
        raise sa.exc.OperationalError("arrive", {}, Exception("the disk is full"))

    with monkeypatch.context() as away:
        away.setattr("scheduler.webhook.arrive", refuse)
        assert call(shop, hooks, {"number": 7}) == (503, "the store does not answer; call again later")
    assert call(shop, hooks, {"number": 7})[0] == 202
