"""Starting an item from the console: a typed form, a dry run of it, and who may."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from engine import acts, items
from engine.store import tables
from engine.store.database import rows
from tests.console.office import Office, csrf_of, text_of

PAY = """
workflow: pay
title: Payments
inputs:
  total: {type: money, min: 0.01, max: 5000, description: what is paid}
  day: date
  urgent: {type: bool, default: false}
  terms: {type: text, choices: [now, 30 days]}
  parts: {type: integer, required: false}
  places: {type: list, default: [Berlin]}
  more: {type: mapping, required: false}
  cost_centre: {type: text, pattern: "[A-Z]{2}[0-9]{4}", required: false}
  note: {type: text, required: false}
  slip: {type: file, required: false}
  origin: text
triggers:
  - manual: {title: Pay somebody, ask: [total, day, urgent, terms, parts, places, more, cost_centre, note, slip],
             by: [accounts, eva], inputs: {origin: "by hand"}}
steps:
  - name: Place it
    world.post: {world: WORLD, value: "${{ item.total }} ${{ item.terms }}"}
    effect: {key: "${{ item.total }}"}
"""
RIGHT = {"input.total": "12.50", "input.day": "2026-03-31", "input.terms": "30 days"}


@pytest.fixture
def paying(office: Office) -> Office:
    (office.folder / "workflows" / "pay.yaml").write_text(PAY.replace("WORLD", str(office.world)))
    office.library.refresh()
    assert not office.library.problems
    office.add_user("ada", "supervisor", "accounts")
    return office


def form_of(client: httpx.Client, workflow: str = "pay") -> dict[str, str]:
    """What a browser sends of a form that nobody touched."""
    page = client.get(f"/workflows/{workflow}/run").text
    token = re.search(r'name="token" value="([0-9a-f]{32})"', page)
    assert token is not None, page
    return {"csrf": csrf_of(page), "token": token[1], "input.places": "Berlin"}


def queued(office: Office) -> list[dict[str, Any]]:
    with office.database.read() as transaction:
        found = rows(transaction, tables.items.select().where(tables.items.c.workflow == "pay"))
    return [dict(row) for row in found]


def test_each_input_has_a_field_of_its_type_and_the_manual_trigger_names_the_form(paying: Office) -> None:
    with paying.client("ada") as client:
        page = client.get("/workflows/pay/run").text
    assert "<h1>Pay somebody</h1>" in page
    for field in (
        '<input type="text" inputmode="decimal" value="" id="input-total"',
        '<input type="date" value="" id="input-day"',
        '<input type="checkbox" value="true" id="input-urgent"',
        '<select id="input-terms"',
        '<input type="text" inputmode="numeric" value="" id="input-parts"',
        '<textarea rows="4" id="input-places"',
        '<textarea rows="4" id="input-more"',
        '<input type="file" id="input-slip"',
    ):
        assert field in page, field
    assert "what is paid; from 0.01 up to 5000" in page
    assert 'id="input-origin"' not in page
    assert [m for m in re.findall(r'id="input-(\w+)" name=', page)][:3] == ["total", "day", "urgent"]


def test_run_now_queues_a_typed_item_and_notes_who_did(paying: Office) -> None:
    with paying.client("ada") as client:
        more = {"input.urgent": "true", "input.places": "Berlin\r\n Paris \r\n", "input.more": '{"a": 1}'}
        form = form_of(client) | RIGHT | more
        slip = {"input.slip": ("slip 1.txt", b"paid", "text/plain")}
        answer = client.post("/workflows/pay/run", data=form, files=slip)
        assert answer.status_code == 303, text_of(answer.text)
        (item,) = queued(paying)
        assert answer.headers["location"] == f"/items/{item['id']}?queued=new"
        page = text_of(client.get(answer.headers["location"]).text)
    assert "It is queued; a worker takes it up." in page
    assert "by ada" in page
    given = item["inputs"]
    assert (str(given["total"]), str(given["day"]), given["urgent"]) == ("12.50", "2026-03-31", True)
    assert (given["places"], given["more"], given["parts"], given["origin"]) == (
        ["Berlin", "Paris"],
        {"a": 1},
        None,
        "by hand",
    )
    assert given["slip"]["name"] == "slip 1.txt"
    with paying.database.read() as transaction:
        (act,) = acts.of_item(transaction, item["id"])
    assert (act["person"], act["kind"]) == ("ada", "started")
    paying.go_on(item["id"])
    assert paying.posts == ["12.50 30 days"]


def test_a_form_sent_twice_is_one_item(paying: Office) -> None:
    with paying.client("ada") as client:
        form = form_of(client) | RIGHT
        first, second = (client.post("/workflows/pay/run", data=form) for _ in range(2))
        assert second.headers["location"] == first.headers["location"].replace("=new", "=before")
        assert "it is not done twice" in client.get(second.headers["location"]).text
        assert client.post("/workflows/pay/run", data=form_of(client) | RIGHT).headers["location"].endswith("=new")
    assert len(queued(paying)) == 2


def test_every_mistake_stands_beside_its_field_in_the_words_of_run_and_nothing_typed_is_lost(paying: Office) -> None:
    wrong = {
        "input.total": "6000",
        "input.day": "31.12.2026",
        "input.parts": "1.5",
        "input.more": "{a",
        "input.cost_centre": "x",
        "input.note": "for <b>Eva</b>",
    }
    with paying.client("ada") as client:
        slip = {"input.slip": ("slip.txt", b"paid", "text/plain")}
        answer = client.post("/workflows/pay/run", data=form_of(client) | wrong, files=slip)
        page = answer.text
        assert answer.status_code == 422
        told = text_of(page)
        assert "6 inputs are not right yet. Nothing was queued." in told
        for name, message in (
            ("total", "total is '6000', expected 5000 or less."),
            ("day", "day is '31.12.2026', expected a date such as 2026-03-31."),
            ("terms", "terms is missing (text)."),
            ("parts", "parts is '1.5', expected a whole number."),
            ("more", "more is '{a', expected a mapping."),
            ("cost_centre", "cost_centre is 'x', expected text like [A-Z]{2}[0-9]{4}."),
        ):
            beside = re.search(rf'<p class="error" id="input-{name}-error">(.*?)</p>', page, re.DOTALL)
            assert beside is not None, name
            assert text_of(beside[1]) == message
            assert re.search(rf'id="input-{name}" [^>]*aria-invalid="true"', page), name
        assert 'value="6000"' in page
        assert 'value="31.12.2026"' in page
        assert "for &lt;b&gt;Eva&lt;/b&gt;" in page
        assert not queued(paying)
        # The file that was sent goes on with the corrected form.
        kept = re.search(r'name="was.slip" value="([^"]+)"', page)
        assert kept is not None
        again = form_of(client) | RIGHT | {"was.slip": kept[1]}
        assert client.post("/workflows/pay/run", data=again).status_code == 303
    (item,) = queued(paying)
    assert item["inputs"]["slip"]["name"] == "slip.txt"
    assert Path(item["inputs"]["slip"]["path"]).read_bytes() == b"paid"


def test_a_dry_run_shows_what_would_be_posted_and_posts_nothing(paying: Office) -> None:
    with paying.client("ada") as client:
        answer = client.post("/workflows/pay/try", data=form_of(client) | RIGHT)
        told = text_of(answer.text)
        assert answer.status_code == 200
        assert "It would run to its end. Nothing was posted or queued." in told
        assert "Place it world.post on" in told
        assert 'value="12.50"' in answer.text
        wrong = client.post("/workflows/pay/try", data=form_of(client))
        assert "total is missing (money, what is paid)." in text_of(wrong.text)
    assert paying.posts == []
    assert not queued(paying)


def test_only_those_whom_the_workflow_names_start_it_by_any_route(paying: Office) -> None:
    paying.add_user("bob", "supervisor", "buyers")
    paying.add_user("eva", "operator")
    paying.add_user("vic", "viewer", "accounts")
    with paying.client("bob") as client:
        page = client.get("/workflows/pay/run").text
        assert "only accounts, eva may start it" in text_of(page)
        assert 'href="/workflows/pay/run"' not in client.get("/workflows/pay").text
        for place in ("run", "try"):
            answer = client.post(f"/workflows/pay/{place}", data=form_of(client) | RIGHT)
            assert answer.status_code == 403
            assert "Bob may not start Payments." in text_of(answer.text)
    with paying.client("vic") as client:
        assert client.get("/workflows/pay/run").status_code == 403
    assert not queued(paying)
    with paying.client("eva") as client:
        assert client.post("/workflows/pay/run", data=form_of(client) | RIGHT).status_code == 303
    assert len(queued(paying)) == 1


def test_a_form_cannot_name_a_file_of_the_server(paying: Office) -> None:
    secret = paying.folder / "secret.txt"
    secret.write_text("top secret")
    with paying.client("ada") as client:
        for given in (
            {"input.slip": str(secret)},
            {"was.slip": str(secret)},
            {"was.slip": "../" * 20 + str(secret)},
            {"was.slip": "0" * 64 + "/../../secret.txt"},
        ):
            client.post("/workflows/pay/run", data=form_of(client) | RIGHT | given)
        unknown = client.post("/workflows/pay/run", data=form_of(client) | RIGHT | {"was.slip": "0" * 64 + "/a.txt"})
        assert "slip was a.txt, which is not kept any more; choose it again." in text_of(unknown.text)
    assert [item["inputs"]["slip"] for item in queued(paying)] == [None] * 4


@pytest.mark.parametrize("name", ["../../x.sh", "..\\x.sh", "/etc/passwd", ".hidden", "a\0b", "x" * 400])
def test_a_file_is_kept_under_a_plain_name_whatever_it_calls_itself(paying: Office, name: str) -> None:
    with paying.client("ada") as client:
        form = form_of(client) | RIGHT
        answer = client.post("/workflows/pay/run", data=form, files={"input.slip": (name, b"x", "text/plain")})
        assert answer.status_code == 303, text_of(answer.text)
    (item,) = queued(paying)
    kept = item["inputs"]["slip"]
    assert "/" not in kept["name"]
    assert not kept["name"].startswith(".")
    assert len(kept["name"]) <= 150
    assert paying.services.artifacts.folder in Path(kept["path"]).parents


def test_files_come_only_from_people_who_are_signed_in_and_only_where_a_form_takes_some(paying: Office) -> None:
    big = {"input.slip": ("big.bin", b"x" * 2_000_000, "application/octet-stream")}
    with paying.client() as client:
        answer = client.post("/workflows/pay/run", files=big)
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    with paying.client("ada") as client:
        assert client.post("/workflows/pay/pause", data={"csrf": "x"}, files=big).status_code == 413
        assert client.post("/workflows/pay/run", data=form_of(client) | RIGHT, files=big).status_code == 303
        form = form_of(client) | RIGHT | {"csrf": "0" * 64}
        assert client.post("/workflows/pay/run", data=form).status_code == 403
    with paying.database.read() as transaction:
        assert items.paused(transaction, "pay") is None
