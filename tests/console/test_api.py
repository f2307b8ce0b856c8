"""The interface for programs: every act of the console by token, and what it refuses."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from console.access import ByToken, api_routes, door_of
from console.api import door
from console.api.document import document
from console.api.tokens import add_token, list_tokens, revoke
from console.app import create_app
from engine.errors import UsageError
from engine.store import tables
from tests.console.office import Office

ALL = ("see", "decide", "approve", "retry", "run", "operate")
API = "/api/v1"


class Caller:
    """`call("GET", "/items")` with a token, status and JSON."""

    def __init__(self, client: httpx.Client, token: str) -> None:
        self.client, self.token = client, token

    def __call__(self, method: str, place: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        sent = {
            "authorization": f"Bearer {self.token}",
            **{name.replace("_", "-"): text for name, text in headers.items()},
        }
        given: dict[str, Any] = {} if method == "GET" else {"json": {} if body is None else body}
        answer = self.client.request(method, API + place, headers=sent, **given)
        kind = "application/json" if answer.status_code < 400 else "application/problem+json"
        assert answer.headers["content-type"] == kind, answer.text
        return answer.status_code, answer.json()


@contextmanager
def calling(office: Office, token: str) -> Iterator[Caller]:
    with office.client() as client:
        yield Caller(client, token)


def token_of(
    office: Office, name: str, user: str | None, *scopes: str, days: int = 30, teams: tuple[str, ...] = ()
) -> str:
    with office.database.write() as transaction:
        return add_token(transaction, name, user, scopes, teams, timedelta(days=days), office.clock.now())


@pytest.fixture
def manned(office: Office) -> Office:
    office.add_user("ada", "supervisor", "buyers", "accounts")
    office.add_user("pat", "approver", "heads")
    office.add_user("root", "admin")
    office.add_user("vic", "viewer")
    return office


@pytest.fixture
def root(manned: Office) -> Iterator[Caller]:
    with calling(manned, token_of(manned, "everything", "root", *ALL)) as caller:
        yield caller


def test_a_program_reads_the_queue_and_decides_by_what_it_was_shown(manned: Office, root: Caller) -> None:
    item = manned.work("orders", n="1 chair")
    status, page = root("GET", "/exceptions?kind=approval")
    assert (status, page["total"], [one["item"] for one in page["exceptions"]]) == (200, 1, [item])
    name = page["exceptions"][0]["id"]
    whole = root("GET", f"/exceptions/{name}")[1]
    status, refused = root("POST", f"/exceptions/{name}/approve", {"seen": "0" * 64})
    assert (status, manned.state(item)) == (409, "waiting")
    assert refused["title"] == "Conflict" and refused["do"] and refused["where"] == f"{API}/exceptions/{name}/approve"
    status, told = root("POST", f"/exceptions/{name}/approve", {"seen": whole["seen"]})
    assert (status, told["told"]) == (200, "Approved; the item goes on.")
    manned.go_on(item)
    assert manned.state(item) == "done"
    assert [(row["person"], row["kind"]) for row in manned.decisions(item)] == [("root", "approve")]
    acts = root("GET", f"/items/{item}")[1]["acts"]
    assert [(one["person"], one["kind"], one["text"]) for one in acts] == [("root", "by token", "everything")]


def test_the_queue_is_paged_by_an_opaque_cursor(manned: Office, root: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.queue.PAGE", 2)
    items = {manned.work("orders", n=f"{n} chairs", fail="refused") for n in range(5)}
    seen: list[str] = []
    place = "/exceptions"
    for _ in range(3):
        page = root("GET", place)[1]
        seen += [one["item"] for one in page["exceptions"]]
        place = f"/exceptions?after={page['next']}"
    assert (len(seen), set(seen), page["next"]) == (5, items, None)
    status, told = root("GET", "/exceptions?after=bm8gaWQ")
    assert (status, told["errors"][0]["expected"]) == (422, "`next` of the page before")


def test_hands_bulk_and_undo_by_program(manned: Office, root: Caller) -> None:
    items = [manned.work("orders", n=f"{n} chairs", fail="refused") for n in range(3)]
    names = [str(manned.exception(item)["id"]) for item in items]
    assert root("POST", f"/exceptions/{names[0]}/claim", {"note": "mine"})[0] == 200
    assert root("POST", f"/exceptions/{names[0]}/comment", {"text": "look @ada"})[0] == 200
    assert root("POST", f"/exceptions/{names[0]}/assign", {"to": "ada"})[0] == 200
    assert root("GET", f"/exceptions/{names[0]}")[1]["holder"] == "ada"
    assert root("POST", f"/exceptions/{names[1]}/snooze", {"until": "2026-03-03T09:00:00Z"})[0] == 200
    assert root("GET", "/exceptions")[1]["resting"] == 1
    assert root("POST", f"/exceptions/{names[1]}/wake")[0] == 200
    order = {"action": "retry", "exceptions": names}
    status, preview = root("POST", "/bulk/preview", order)
    assert (status, len(preview["fine"]) + sum(preview["left"].values())) == (200, 3)
    assert names[1] in preview["fine"] and names[2] in preview["fine"]
    act = root("POST", "/bulk", order)[1]["act"]
    undone = root("POST", f"/bulk/{act}/undo")[1]
    assert sorted(undone["undone"]) == sorted(preview["fine"])
    cause = root("GET", f"/exceptions/{names[1]}")[1]["cause"]
    assert len(root("GET", f"/causes/{cause}")[1]["exceptions"]) == 3
    status, begun = root("POST", f"/causes/{cause}/retry")
    assert status == 200
    assert root("POST", f"/causes/{cause}/retry")[0] == 409
    assert root("POST", f"/retrials/{begun['retrial']}/stop")[0] == 200
    assert root("POST", "/bulk", {"action": "reject", "exceptions": names})[0] == 422


def test_a_program_corrects_rejects_and_retries(manned: Office, root: Caller) -> None:
    item = manned.work("orders", n="1 chair", confidence=0.4)
    name = str(manned.exception(item)["id"])
    seen = root("GET", f"/exceptions/{name}")[1]["seen"]
    status, told = root("POST", f"/exceptions/{name}/correct", {"seen": seen, "fields": {"nothing": "1"}})
    assert (status, manned.state(item)) == (409, "waiting") and told["found"]
    assert root("POST", f"/exceptions/{name}/reject", {"reason": "twice"})[0] == 200
    assert manned.state(item) == "rejected"
    failed = manned.work("orders", n="2 chairs", fail="refused")
    assert root("POST", f"/exceptions/{failed}/retry")[1]["told"] == "It is tried again."
    assert root("POST", f"/exceptions/{failed}/settle", {"done": True})[0] in (404, 409)


def test_the_same_idempotency_key_is_one_item_however_often_it_is_sent(manned: Office, root: Caller) -> None:
    body = {"inputs": {"n": "5 chairs"}}

    def start(_: int) -> tuple[int, Any]:
        return root("POST", "/workflows/orders/run", body, Idempotency_Key="order-4711")

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(start, range(8)))
    assert {status for status, _ in answers} == {200}
    assert len({told["item"] for _, told in answers}) == 1
    assert [told["new"] for _, told in answers].count(True) == 1
    other = root("POST", "/workflows/orders/run", body, Idempotency_Key="order-4712")[1]
    assert other["new"] and other["item"] != answers[0][1]["item"]
    assert root("POST", "/workflows/orders/run", body)[0] == 422
    assert len(root("GET", "/items?workflow=orders")[1]["items"]) == 2


def test_a_program_starts_with_a_file_tries_out_and_holds_the_queue(manned: Office, root: Caller) -> None:
    status, told = root("POST", "/workflows/orders/try", {"inputs": {"n": "5 chairs"}})
    assert (status, told["outcome"]) == (200, "done")
    status, told = root("POST", "/workflows/orders/run", {"inputs": {"m": "5"}}, Idempotency_Key="order-4713")
    assert (status, told["errors"][0]["where"]) == (422, "body.inputs.m")
    file = {"name": "note.txt", "content": base64.b64encode(b"hello").decode()}
    status, told = root(
        "POST", "/workflows/statements/run", {"inputs": {}, "files": {"file": file}}, Idempotency_Key="statement-1"
    )
    assert status == 200
    assert root("GET", f"/items/{told['item']}")[1]["inputs"]["file"]["name"] == "note.txt"
    assert root("POST", "/workflows/orders/pause", {"reason": "stocktaking"})[0] == 200
    assert "stocktaking" in root("GET", "/workflows/orders")[1]["paused"]
    assert root("POST", "/workflows/orders/resume")[0] == 200
    assert [one["paused"] for one in root("GET", "/workflows")[1]["workflows"]] == ["", "", ""]


def test_records_are_read(manned: Office, root: Caller) -> None:
    item = manned.work("orders", n="1 chair", fail="refused")
    run = root("GET", f"/items/{item}")[1]["runs"][0]["id"]
    told = root("GET", f"/runs/{run}")[1]
    assert "workflow: orders" in told["source"] and told["steps"] == root("GET", f"/runs/{run}/steps")[1]
    assert root("GET", "/effects")[0] == root("GET", "/vendors")[0] == 200
    assert root("POST", "/views", {"name": "Mine", "filter": {"kind": "review"}})[0] == 200
    assert [one["query"] for one in root("GET", "/views")[1]["views"]] == ["kind=review"]
    assert root("POST", "/views/forget", {"name": "Mine"})[0] == 200
    for place in ("/exceptions/x", "/items/x", "/runs/x", "/artifacts/x", "/vendors/x", "/workflows/x", "/nothing"):
        assert root("GET", place)[0] == 404, place


# -- tokens


def test_a_token_has_its_scopes_and_no_more_than_its_owner_has_now(manned: Office) -> None:
    item = manned.work("orders", n="1 chair", fail="refused")
    with calling(manned, token_of(manned, "reader", "ada", "see")) as reader:
        assert reader("GET", f"/items/{item}")[0] == 200
        status, told = reader("POST", f"/exceptions/{item}/retry")
        assert (status, told["found"], told["expected"]) == (403, "the token reader may not do this", "the scope retry")
    with calling(manned, token_of(manned, "worker", "ada", "see", "retry")) as worker:
        with manned.database.write() as transaction:
            theirs = tables.users.c.name == "ada"
            transaction.execute(tables.users.update().where(theirs).values(role="viewer"))
        assert worker("POST", f"/exceptions/{item}/retry")[0] == 403
        with manned.database.write() as transaction:
            transaction.execute(tables.users.update().where(theirs).values(disabled=True))
        status, told = worker("GET", "/items")
        assert (status, told["found"]) == (401, "this token is not valid (any more)")


def test_a_token_ends_by_its_time_or_at_once(manned: Office) -> None:
    text = token_of(manned, "brief", "ada", "see", days=1)
    with calling(manned, text) as caller:
        assert caller("GET", "/items")[0] == 200
        with manned.database.read() as transaction:
            (row,) = list_tokens(transaction)
        assert row["used"] == manned.clock.now() and text not in str(dict(row))
        with manned.database.write() as transaction:
            revoke(transaction, "brief", manned.clock.now())
        assert caller("GET", "/items")[0] == 401
    with calling(manned, token_of(manned, "short", "ada", "see", days=1)) as caller:
        manned.clock.sleep(86_401)
        assert caller("GET", "/items")[0] == 401


@pytest.mark.parametrize(
    ("name", "user", "scopes", "days", "teams", "said"),
    [
        ("a b", None, ("see",), 1, (), "'a b' is no name for a token"),
        ("a", None, ("all",), 1, (), "'all' is no scope; one or more of see, decide"),
        ("a", None, ("see",), 400, (), "a token lasts a day at least and a year at most"),
        ("a", None, ("approve",), 1, (), "a machine may not have the scope approve; make the token for a person"),
        ("a", "vic", ("run",), 1, (), "vic is viewer and may not run; a token has no more than its owner"),
        ("a", "vic", ("see",), 1, ("heads",), "vic is not in the team heads"),
        ("a", "tim", ("see",), 1, (), "there is no user tim"),
    ],
)
def test_a_token_that_may_not_be_is_not_made(
    manned: Office, name: str, user: str | None, scopes: tuple[str, ...], days: int, teams: tuple[str, ...], said: str
) -> None:
    with pytest.raises(UsageError) as refused:
        token_of(manned, name, user, *scopes, days=days, teams=teams)
    assert str(refused.value).startswith(said)


def test_a_machine_is_named_in_what_it_did_and_neither_approves_nor_corrects(manned: Office) -> None:
    item, failed = manned.work("orders", n="1", confidence=0.4), manned.work("orders", n="2", fail="refused")
    scopes = ("see", "decide", "retry")
    with calling(manned, token_of(manned, "nightly", None, *scopes, teams=("buyers",))) as machine:
        seen = machine("GET", f"/exceptions/{item}")[1]["seen"]
        for act, body in (("approve", {"seen": seen}), ("correct", {"seen": seen, "fields": {"value": "2"}})):
            status, told = machine("POST", f"/exceptions/{item}/{act}", body)
            assert (status, told["found"]) == (403, "the token nightly is a machine's")
        assert machine("POST", f"/exceptions/{failed}/retry")[0] == 200
    assert manned.state(item) == "waiting"
    assert [row["person"] for row in manned.decisions(failed)] == ["token:nightly"]


def test_too_many_calls_are_told_when_to_try_again(manned: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "CALLS", 3)
    with calling(manned, token_of(manned, "eager", "ada", "see")) as eager:
        assert [eager("GET", "/views")[0] for _ in range(4)] == [200, 200, 200, 429]
        answer = eager.client.get(f"{API}/views", headers={"authorization": f"Bearer {eager.token}"})
        assert 0 < int(answer.headers["retry-after"]) <= 60


def test_guessing_tokens_is_held_up(manned: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "FAILURES", 2)
    with calling(manned, "cw_" + "x" * 43) as guess:
        assert [guess("GET", "/views")[0] for _ in range(3)] == [401, 401, 429]


# -- attacks


def test_attack_2_content_type_confusion_only_json_is_read(manned: Office, root: Caller) -> None:
    item = manned.work("orders", n="1 chair", fail="refused")
    address = f"{API}/exceptions/{item}/reject"
    for kind in (
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "",
        "application/json+x",
        "application/json;charset=utf-7",
    ):
        sent = {"authorization": f"Bearer {root.token}", "content-type": kind}
        answer = root.client.post(address, content=b'{"reason": "no"}', headers=sent)
        assert (answer.status_code, answer.headers["content-type"]) == (415, "application/problem+json"), kind
        assert answer.json()["do"] == "send JSON with the header Content-Type: application/json"
    for body in ({"reason": ["no"]}, {"reason": "no", "more": 1}, {"reason": "a\0"}, [], "no"):
        assert root("POST", f"/exceptions/{item}/reject", body)[0] == 422
    assert manned.state(item) == "exception"


def test_attack_3_and_15_a_session_opens_nothing_here(manned: Office) -> None:
    with manned.client("root") as browser:
        for place in ("/items", "/exceptions", "/workflows"):
            answer = browser.get(API + place)
            assert answer.status_code == 401 and answer.headers["www-authenticate"].startswith("Bearer")
        answer = browser.post(f"{API}/workflows/orders/pause", json={}, headers={"origin": "https://evil.example"})
        assert answer.status_code == 401


def test_attack_4_object_ids_of_another_team_are_not_there(manned: Office) -> None:
    item = manned.work("orders", n="1 chair", fail="refused")
    row = manned.exception(item)
    file = manned.folder / "workflows" / "orders.yaml"
    file.write_text(file.read_text().replace("workflow: orders", "workflow: orders\nowner: heads"))
    manned.library.refresh()
    manned.add_user("mel", "supervisor", "elsewhere")
    names = {
        "exceptions": row["id"],
        "items": item,
        "runs": row["run"],
        "causes": row["fingerprint"],
        "workflows": "orders",
    }
    for text in (
        token_of(manned, "mels", "mel", "see", "decide", "retry", "run"),
        token_of(manned, "robot", None, "see", "decide", "retry", "run"),
        token_of(manned, "narrow", "root", "see", "decide", "retry", "run", teams=("elsewhere",)),
    ):
        with calling(manned, text) as caller:
            for kind, name in names.items():
                assert caller("GET", f"/{kind}/{name}")[0] == 404, kind
            for act, body in (("retry", {}), ("claim", {}), ("reject", {"reason": "no"}), ("comment", {"text": "x"})):
                assert caller("POST", f"/exceptions/{row['id']}/{act}", body)[0] == 404, act
            run = caller("POST", "/workflows/orders/run", {"inputs": {"n": "1"}}, Idempotency_Key="12345678")
            assert run[0] == 404
            assert caller("GET", "/exceptions")[1]["total"] == 0
            assert caller("POST", "/bulk", {"action": "retry", "exceptions": [str(row["id"])]})[0] == 409
    assert manned.state(item) == "exception"


def test_attack_6_a_run_is_started_by_who_may_run_and_by_nothing_else(manned: Office) -> None:
    body, key = {"inputs": {"n": "5 chairs"}}, {"Idempotency_Key": "order-4711"}
    with calling(manned, token_of(manned, "all-but-run", "root", "see", "decide", "approve", "operate")) as caller:
        for place in ("/workflows/orders/run", "/workflows/orders/try"):
            assert caller("POST", place, body, **key)[0] == 403
        assert caller("POST", "/workflows/orders/start", body, **key)[0] == 404
        assert caller("POST", "/items", body)[0] == 405
        assert caller("GET", "/items")[1]["items"] == []


def test_attack_21_filters_are_values_and_never_sql(manned: Office, root: Caller) -> None:
    item = manned.work("orders", n="1 chair", fail="refused")
    for text in (
        "' OR 1=1 --",
        "orders' UNION SELECT password FROM users --",
        '"; DROP TABLE items; --',
        "%",
        "_",
        "*",
    ):
        for place in (
            "/exceptions?workflow=",
            "/exceptions?assigned=",
            "/exceptions?code=",
            "/items?state=",
            "/effects?status=",
        ):
            query = httpx.QueryParams({"x": text})["x"]
            status, told = root("GET", place + httpx.URL("http://x", params={"q": query}).query.decode()[2:])
            assert (status, told.get("total", 0)) == (200, 0), place
            assert not told.get("items") and not told.get("effects")
    assert root("GET", "/exceptions")[1]["total"] == 1 and manned.state(item) == "exception"


def test_attack_23_who_corrected_with_a_token_does_not_approve_with_another(manned: Office) -> None:
    item = manned.work("orders", n="1 chair", confidence=0.4)
    with calling(manned, token_of(manned, "one", "root", "see", "decide", "approve")) as caller:
        whole = caller("GET", f"/exceptions/{item}")[1]
        status, _ = caller(
            "POST",
            f"/exceptions/{item}/correct",
            {"seen": whole["seen"], "fields": {"value": "2 chairs"}, "accept": True},
        )
        assert status == 200
    manned.go_on(item)
    with calling(manned, token_of(manned, "two", "root", "see", "approve")) as caller:
        whole = caller("GET", f"/exceptions/{item}")[1]
        assert whole["kind"] == "approval"
        status, told = caller("POST", f"/exceptions/{item}/approve", {"seen": whole["seen"]})
        assert (status, told["found"]) == (409, "root corrected this item and may not approve it")


# -- the document


def test_every_route_of_the_interface_has_a_door_for_tokens_and_stands_in_the_document(
    manned: Office, root: Caller
) -> None:
    routes = [route for route in api_routes(create_app(manned.services).routes) if route.path.startswith(API)]
    told = root.client.get(f"{API}/openapi.json").json()
    assert told["openapi"].startswith("3.1")
    doorless = [route.path for route in routes if not isinstance(door_of(route), ByToken)]
    assert sorted(doorless) == [f"{API}/docs", f"{API}/openapi.json"]
    there = {(path, method) for path, calls in told["paths"].items() for method in calls}
    assert there == {
        (route.path, method.lower())
        for route in routes
        if route.path not in doorless
        for method in route.methods - {"HEAD"}
    }
    assert len(there) >= 35
    assert all(
        call["security"] == [{"token": []}] and call["x-scopes"]
        for calls in told["paths"].values()
        for call in calls.values()
    )
    page = root.client.get(f"{API}/docs").text
    assert "POST /api/v1/exceptions/{name}/approve" in page and '<script src="http' not in page


def test_every_route_refuses_who_has_no_token_and_every_token_without_the_scope(
    manned: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = {scope: token_of(manned, f"only-{scope}", "root", scope) for scope in ALL}
    calls = [
        (method.upper(), path.removeprefix(API).replace("{name}", "x"), call["x-scopes"])
        for path, methods in document()["paths"].items()
        for method, call in methods.items()
    ]
    monkeypatch.setattr(door, "FAILURES", 1000)
    with manned.client() as client:
        for method, place, scopes in calls:
            assert Caller(client, "cw_made-up")(method, place)[0] == 401, place
            for scope, text in texts.items():
                status = Caller(client, text)(method, place)[0]
                assert (status == 403) is (scope not in scopes), f"{method} {place} with {scope}: {status}"


def test_the_calls_of_the_documentation_do_what_it_says(manned: Office, root: Caller) -> None:
    item = manned.work("orders", n="1 chair")
    name = str(manned.exception(item)["id"])
    text = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
    blocks = [block for block in re.findall(r"```sh\n(.*?)```", text, re.S) if "curl" in block]
    given = {**os.environ, "TOKEN": root.token, "CONSOLE": manned.address, "EXCEPTION": name, "no_proxy": "*"}
    told = [
        json.loads(subprocess.run(["bash", "-c", block], env=given, capture_output=True, check=True, timeout=30).stdout)
        for block in blocks
    ]
    assert [one["item"] for one in told[0]["exceptions"]] == [item]
    assert told[1]["told"] == "Approved; the item goes on."
    assert told[2]["new"] is True
