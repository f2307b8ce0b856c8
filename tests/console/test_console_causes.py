"""A cause: what those that stopped for it share, and retrying all of them with one that goes first."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from engine import retrials
from engine.errors import UsageError
from engine.exceptions import Person
from engine.store import tables
from engine.store.database import one
from tests.console.office import NOW, Office, csrf_of, text_of

SHOP = """
workflow: shop
inputs: {n: text, vendor: text}
steps:
  - name: Look it up
    if: ${{ item.vendor == "Acme" }}
    world.read: {value: "${{ item.n }}"}
  - name: Place the order
    world.put: {world: WORLD, value: "${{ item.n }}", fail: "${{ 'refused' if item.vendor == 'Acme' else '' }}"}
    effect: {key: "${{ item.n }}"}
"""


@pytest.fixture
def shop(office: Office) -> Office:
    office.add_user("ada", "supervisor", "buyers")
    office.add_user("vic", "viewer", "buyers")
    return office


def stand(office: Office, number: int, workflow: str = "orders", **more: Any) -> list[str]:
    return [office.work(workflow, n=f"{turn} lamps", fail="refused", **more) for turn in range(number)]


def cause_of(office: Office, item: str) -> str:
    return str(office.exception(item)["fingerprint"])


def mend(office: Office, items: list[str]) -> None:
    """The data are right now where they come from."""
    table = tables.items
    with office.database.write() as transaction:
        for item in items:
            row = one(transaction, table.select().where(table.c.id == item))
            assert row is not None
            changed = {**row["inputs"], "fail": ""}
            transaction.execute(table.update().where(table.c.id == item).values(inputs=changed))


def retry_all(client: httpx.Client, cause: str) -> httpx.Response:
    return client.post(f"/causes/{cause}/retry", data={"csrf": csrf_of(client.get(f"/causes/{cause}").text)})


def advance(office: Office) -> None:
    retrials.advance(office.database, office.clock.now())


def test_one_goes_first_and_the_others_follow_when_it_got_past_the_cause(shop: Office) -> None:
    items = stand(shop, 50)
    cause = cause_of(shop, items[0])
    mend(shop, items)
    with shop.client("ada") as client:
        # The chip of the cause, its page, the button: three actions.
        assert f"cause={cause}" in client.get("/").text
        assert f'href="/causes/{cause}"' in client.get(f"/?cause={cause}").text
        told = text_of(client.get(f"/causes/{cause}").text)
        assert "REFUSED 50" in told
        assert "What it does outside, for each Place the order world.shout" in told
        assert "Retry all 50, one first" in told
        assert retry_all(client, cause).status_code == 303
        assert [shop.state(item) for item in items[:3]] == ["ready", "exception", "exception"]
        advance(shop)
        assert shop.state(items[1]) == "exception"
        assert "One goes first 1 retried, 49 wait." in text_of(client.get(f"/causes/{cause}").text)
        refused = retry_all(client, cause)
        assert refused.status_code == 409
        assert "This cause is being retried already." in text_of(refused.text)
        shop.go_on(items[0])
        assert shop.state(items[0]) == "done"
        advance(shop)
        assert {shop.state(item) for item in items[1:]} == {"ready"}
        told = text_of(client.get(f"/causes/{cause}/progress").text)
        assert "All were let go on 50 retried." in told
        assert "hx-get" not in client.get(f"/causes/{cause}/progress").text
    assert [row["person"] for row in shop.decisions(items[49])] == ["ada"]


def test_where_the_first_one_stands_again_the_others_are_not_touched(shop: Office) -> None:
    items = stand(shop, 3)
    cause = cause_of(shop, items[0])
    with shop.client("ada") as client:
        retry_all(client, cause)
        shop.go_on(items[0])
        advance(shop)
        told = text_of(client.get(f"/causes/{cause}").text)
        assert "Stopped; the others stay where they are 1 retried, 2 not touched." in told
        assert "The first one stands again: the world does not want this value" in told
        assert [shop.decisions(item) for item in items[1:]] == [[], []]
        assert "Retry all 3, one first" in told


def test_a_retrial_is_stopped_by_a_person_and_only_by_one_who_may_retry(shop: Office) -> None:
    items = stand(shop, 3)
    cause = cause_of(shop, items[0])
    with shop.client("ada") as ada, shop.client("vic") as vic:
        assert "Retry all" not in vic.get(f"/causes/{cause}").text
        assert retry_all(vic, cause).status_code == 403
        retry_all(ada, cause)
        with shop.database.read() as transaction:
            retrial = retrials.latest(transaction, cause)
        assert retrial is not None
        form = {"retrial": str(retrial["id"])}
        assert vic.post(f"/causes/{cause}/stop", data=form | {"csrf": csrf_of(vic.get("/").text)}).status_code == 403
        assert ada.post(f"/causes/{cause}/stop", data=form | {"csrf": csrf_of(ada.get("/").text)}).status_code == 303
        assert "Stopped by ada." in text_of(ada.get(f"/causes/{cause}").text)
    mend(shop, items)
    shop.go_on(items[0])
    advance(shop)
    assert {shop.state(item) for item in items[1:]} == {"exception"}


def test_who_is_held_by_a_colleague_is_left_out_and_told_before(shop: Office) -> None:
    shop.add_user("ben", "supervisor", "buyers")
    items = stand(shop, 3)
    cause = cause_of(shop, items[0])
    mend(shop, items)
    with shop.client("ada") as ada, shop.client("ben") as ben:
        token = csrf_of(ben.get("/").text)
        for item in (items[0], items[2]):
            ben.post(f"/exceptions/{item}/claim", data={"csrf": token})
        told = text_of(ada.get(f"/causes/{cause}").text)
        assert "Left out 2 ben has it" in told
        assert "Retry it" in told
        retry_all(ada, cause)
        shop.go_on(items[1])
        advance(shop)
        assert "Left out: ben has item" in text_of(ada.get(f"/causes/{cause}").text)
    assert [shop.state(item) for item in items] == ["exception", "done", "exception"]


def test_what_they_share_and_the_good_ones_lack_is_named(shop: Office) -> None:
    (shop.folder / "workflows" / "shop.yaml").write_text(SHOP.replace("WORLD", str(shop.world)))
    shop.library.refresh()
    assert not shop.library.problems, shop.library.problems
    for turn in range(4):
        shop.work("shop", n=f"good {turn}", vendor=f"Vendor {turn}")
    items = [shop.work("shop", n=f"bad {turn}", vendor="Acme") for turn in range(3)]
    with shop.client("vic") as client:
        told = text_of(client.get(f"/causes/{cause_of(shop, items[0])}").text)
    assert "What they share and the good ones lack Value Of these Of the last 4 good Vendor Acme 100 %" in told


def test_nothing_is_retried_for_a_cause_that_nothing_stands_for(shop: Office) -> None:
    with shop.client("ada") as client:
        assert client.get("/causes/0000").status_code == 404
    with shop.database.write() as transaction, pytest.raises(UsageError, match="nothing stands for this cause"):
        retrials.begin(transaction, "0000", Person("ada"), [], NOW)


def test_the_others_follow_once_whoever_advances_it_and_however_many_do(shop: Office) -> None:
    items = stand(shop, 5)
    cause = cause_of(shop, items[0])
    mend(shop, items)
    with shop.client("ada") as client:
        retry_all(client, cause)
    shop.go_on(items[0])
    for _ in range(3):
        advance(shop)
    assert [len(shop.decisions(item)) for item in items] == [1] * 5
