"""Many exceptions at once, without scripts: what would come of it, doing it, and taking it back."""

from __future__ import annotations

import html
import re

import httpx
import pytest

from engine.store import tables
from engine.store.database import one, rows
from tests.console.office import Office, csrf_of, text_of


@pytest.fixture
def staffed(office: Office) -> Office:
    office.add_user("ada", "supervisor", "accounts", "buyers")
    office.add_user("ben", "supervisor", "buyers")
    office.add_user("olga", "operator", "buyers")
    office.add_user("vic", "viewer", "buyers")
    return office


def refused(office: Office, number: int) -> list[str]:
    """Items that stand because a system refused them; all for one cause."""
    return [office.work("orders", n=f"{turn} lamps", fail="refused") for turn in range(number)]


def ids(office: Office, items: list[str]) -> list[str]:
    return [str(office.exception(item)["id"]) for item in items]


def preview(client: httpx.Client, action: str, picks: list[str], query: str = "", **form: object) -> httpx.Response:
    token = csrf_of(client.get("/items").text)
    return client.post(f"/queue/bulk{query}", data={"csrf": token, "action": action, "pick": picks, **form})


def confirmed(client: httpx.Client, page: httpx.Response, **more: str) -> httpx.Response:
    """What its button sends."""
    form = page.text[page.text.index('class="confirm"') :]
    pairs = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    return client.post("/queue/bulk/do", data={name: html.unescape(value) for name, value in pairs} | more)


def undone(client: httpx.Client, answer: httpx.Response) -> str:
    page = client.get(answer.headers["location"]).text
    act = re.search(r'name="act" value="([^"]+)"', page)
    assert act is not None, text_of(page)
    back = client.post("/queue/bulk/undo", data={"csrf": csrf_of(page), "act": act[1]})
    return text_of(client.get(back.headers["location"]).text)


def test_a_bulk_retry_names_what_it_does_outside_and_is_done_after_the_yes(staffed: Office) -> None:
    items = refused(staffed, 3)
    with staffed.client("ada") as client:
        page = preview(client, "retry", ids(staffed, items))
        told = text_of(page.text)
        assert "Retry 3 exceptions?" in told
        assert "What this does outside, for each Place the order world.shout" in told
        assert "ready" not in {staffed.state(item) for item in items}
        answer = confirmed(client, page)
        assert "3 are tried again. Undo" in text_of(client.get(answer.headers["location"]).text)
    assert {staffed.state(item) for item in items} == {"ready"}
    assert sorted(staffed.woken) == sorted(items)
    # Nobody takes them up before the ten seconds in which it can be undone are over.
    assert staffed.engine.work_one() is None
    staffed.clock.sleep(11)
    assert staffed.engine.work_one() is not None


def test_a_bulk_retry_is_taken_back_as_long_as_nobody_took_it_up(staffed: Office) -> None:
    items = refused(staffed, 3)
    before = [dict(staffed.exception(item)) for item in items]
    with staffed.client("ada") as client:
        answer = confirmed(client, preview(client, "retry", ids(staffed, items)))
        staffed.clock.sleep(11)
        assert staffed.engine.work_one() == items[0]  # which is refused again, and stands as a new exception
        assert "It was taken back. 1 of them went on meanwhile." in undone(client, answer)
        assert [dict(staffed.exception(item)) for item in items[1:]] == before[1:]
        assert staffed.exception(items[0])["id"] != before[0]["id"]
        page = text_of(client.get(f"/exceptions/{items[1]}").text)
        assert "ada retried" in page
        assert "ada undid “the retry”" in page
        assert "Retry" in page


def test_a_bulk_rejection_asks_for_a_reason_once_and_is_taken_back_whole(staffed: Office) -> None:
    items = [staffed.work("orders", n=f"{n} chairs", confidence=0.4) for n in range(3)]
    before = [dict(staffed.exception(item)) for item in items]
    with staffed.client("ada") as client:
        page = preview(client, "reject", ids(staffed, items))
        assert "Reject 3 exceptions?" in text_of(page.text)
        without = confirmed(client, page)
        assert without.status_code == 409
        assert "A rejection needs a reason." in text_of(without.text)
        assert {staffed.state(item) for item in items} == {"waiting"}
        answer = confirmed(client, page, note="sent twice")
        assert {staffed.state(item) for item in items} == {"rejected"}
        assert "It was taken back." in undone(client, answer)
    assert {staffed.state(item) for item in items} == {"waiting"}
    assert [dict(staffed.exception(item)) for item in items] == before
    with staffed.database.read() as transaction:
        run = one(transaction, tables.runs.select().where(tables.runs.c.id == before[0]["run"]))
        item = one(transaction, tables.items.select().where(tables.items.c.id == items[0]))
    assert run is not None
    assert item is not None
    assert (run["finished"], run["outcome"], item["finished"], item["code"]) == (None, None, None, before[0]["code"])


def test_all_of_a_view_are_claimed_given_and_put_aside_and_each_is_taken_back(staffed: Office) -> None:
    items = refused(staffed, 2)
    other = staffed.work("orders", n="20 chairs", confidence=0.4)
    view = f"?kind={staffed.exception(items[0])['kind']}"
    with staffed.client("ada") as client:
        for action, form, words in (
            ("claim", {}, "2 are claimed."),
            ("assign", {"to": "ben"}, "2 are assigned to ben."),
            ("snooze", {"rest": "week"}, "2 are snoozed."),
        ):
            page = preview(client, action, [], view, every="yes", **form)
            answer = confirmed(client, page)
            assert words in text_of(client.get(answer.headers["location"]).text)
            assert "It was taken back." in undone(client, answer)
            for item in items:
                row = staffed.exception(item)
                assert (row["holder"], row["snoozed"]) == (None, None), action
    assert staffed.exception(other)["holder"] is None


def test_what_cannot_be_done_is_told_before_and_left_out(staffed: Office) -> None:
    lamps = refused(staffed, 2)
    review = staffed.work("orders", n="20 chairs", confidence=0.4)
    approval = staffed.work("orders", n="30 desks")
    with staffed.client("ben") as ben, staffed.client("ada") as ada:
        token = csrf_of(ben.get(f"/exceptions/{lamps[0]}").text)
        ben.post(f"/exceptions/{lamps[0]}/claim", data={"csrf": token})
        page = preview(ada, "retry", ids(staffed, [*lamps, review, approval]))
        told = text_of(page.text)
        assert "Retry 1 exception?" in told
        assert "1 ben has it" in told
        assert "1 it waits for a decision" in told
        assert "1 it is assigned to heads" in told
        assert staffed.state(lamps[1]) != "ready"
        confirmed(ada, page)
    assert [staffed.state(item) == "ready" for item in (*lamps, review, approval)] == [False, True, False, False]


def test_the_rules_for_one_hold_for_many(staffed: Office) -> None:
    items = refused(staffed, 2)
    review = staffed.work("orders", n="20 chairs", confidence=0.4)
    with staffed.client("olga") as olga, staffed.client("vic") as vic, staffed.client("ben") as ben:
        # An operator retries, and rejects nothing; a viewer does nothing; somebody else's bulk is not undone.
        told = text_of(preview(olga, "reject", ids(staffed, [review]), note="no").text)
        assert "Reject 0 exceptions?" in told
        assert "1 the role operator may not do this" in told
        assert preview(vic, "retry", ids(staffed, items)).status_code == 403
        answer = confirmed(olga, preview(olga, "retry", ids(staffed, items)))
        act = answer.headers["location"].partition("bulk=")[2]
        stolen = ben.post("/queue/bulk/undo", data={"csrf": csrf_of(ben.get("/").text), "act": act})
        assert "This cannot be taken back any more." in text_of(stolen.text)
        for action, picks, why in (
            ("retry", [], "Nothing was picked."),
            ("approve", ids(staffed, [review]), "'approve' is nothing that can be done with many."),
        ):
            page = preview(ben, action, picks)
            assert why in text_of(page.text)
    assert {staffed.state(item) for item in items} == {"ready"}


def test_a_thousand_are_shown_done_and_taken_back(staffed: Office) -> None:
    (item,) = refused(staffed, 1)
    with staffed.database.write() as transaction:
        exception, row = dict(staffed.exception(item)), None
        row = one(transaction, tables.items.select().where(tables.items.c.id == item))
        assert row is not None
        many = range(1000)
        copies = [dict(row) | {"id": f"item_{n:04}", "key": f"k{n}", "run": f"run_{n:04}"} for n in many]
        transaction.execute(tables.items.insert(), copies)
        stands = [exception | {"id": f"exc_{n:04}", "item": f"item_{n:04}", "run": f"run_{n:04}"} for n in many]
        transaction.execute(tables.exceptions.insert(), stands)
    with staffed.client("ada") as client:
        page = preview(client, "reject", [], f"?cause={exception['fingerprint']}", every="yes")
        assert "Reject 1 001 exceptions?" in text_of(page.text)
        assert "and 989 more." in text_of(page.text)
        answer = confirmed(client, page, note="the shop is closed")
        assert "1001 are rejected." in text_of(client.get(answer.headers["location"]).text)
        assert "The queue is clear." in client.get("/").text
        assert "It was taken back." in undone(client, answer)
    with staffed.database.read() as transaction:
        open_ = rows(transaction, tables.exceptions.select().where(tables.exceptions.c.closed.is_(None)))
    assert len(open_) == 1001
