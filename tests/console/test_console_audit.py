"""The audit log in the console: who signs in, what is done with every form, and its page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from engine.audit import lines_of, verify
from engine.store.database import Row
from tests.console.conftest import Visit
from tests.console.office import PASSWORD, Office, csrf_of, form_of, sign_in, text_of
from tests.console.test_console_in_browser import AXE
from tests.console.test_console_matrix import Visit as Visited
from tests.console.test_console_matrix import ask, guarded

KEY = b"the key of this office"
SILENT = {
    # Nothing is changed by these: they show, work out, or note where somebody looks.
    "POST /queue/bulk",
    "POST /queue/views",
    "POST /queue/views/forget",
    "POST /exceptions/{name}/check",
    "POST /exceptions/{name}/look",
    "POST /items/{name}/focus",
    "POST /workflows/{name}/try",
    "POST /account/app",
    "POST /account/passkeys/begin",
    "POST /account/prove",
    "POST /calls/seen",
}


@pytest.fixture
def audited(office: Office) -> Office:
    office.database.audited(KEY, "console")
    return office


def lines(office: Office) -> list[Row]:
    with office.database.read() as transaction:
        return lines_of(transaction, limit=1000)


def told(office: Office) -> list[tuple[str, str, str, str]]:
    return [(line["person"], line["act"], line["about"], line["text"] or "") for line in lines(office)]


def test_coming_in_and_being_refused_are_written_down(audited: Office) -> None:
    audited.add_user("ada", "supervisor")
    with httpx.Client(base_url=audited.open(), trust_env=False) as client:
        assert sign_in(client, "ada", "wrong").status_code == 403
        assert sign_in(client, "ada", PASSWORD).status_code == 303
        client.post("/sign-out", data={"csrf": csrf_of(client.get("/").text)})
    assert told(audited) == [
        ("ada", "signed-out", "ada", ""),
        ("ada", "signed-in", "ada", "by password"),
        ("ada", "refused", "ada", "a wrong password, from 127.0.0.1"),
    ]
    assert PASSWORD not in str(told(audited))
    assert verify(audited.database, KEY, []).findings == []


def test_a_decision_is_written_down_with_the_door_it_came_by(audited: Office) -> None:
    audited.add_user("hedi", "approver", "heads")
    item = audited.work("orders", n="5")
    with audited.client("hedi") as hedi:
        page = hedi.get(f"/exceptions/{item}").text
        assert hedi.post(f"/exceptions/{item}/approve", data={**form_of(page), "reason": ""}).status_code == 303
    line = lines(audited)[0]
    assert (line["person"], line["act"], line["about"], line["origin"]) == (
        "hedi",
        "approve",
        f"orders/{item}",
        "console",
    )
    assert verify(audited.database, KEY, []).findings == []


@pytest.fixture
def visited(audited: Office) -> Iterator[Visited]:
    yield Visited(audited)


def test_every_form_that_changes_something_leaves_a_line(visited: Visited) -> None:
    """Of each route that takes a form: what worked is in the log. A new one is in it, or among those named above."""
    silent = []
    with visited.office.client("admin") as client:
        token = csrf_of(client.get("/").text)
        for entry in guarded(visited.office):
            method, place = visited.place(entry)
            if method != "POST" or entry in SILENT or entry.startswith(("POST /sign-out", "POST /account/sessions")):
                continue
            page = client.get(place.rpartition("/")[0]).text if entry.startswith("POST /exceptions/") else ""
            before = len(lines(visited.office))
            status = ask(client, method, place, visited.form(entry, token, page))
            if status in (200, 204, 303) and len(lines(visited.office)) == before:
                silent.append(entry)
    assert silent == []
    assert verify(visited.office.database, KEY, []).findings == []


@pytest.mark.parametrize("width", [400, 1440])
def test_the_page_is_filtered_and_paged_and_axe_finds_nothing(audited: Office, visit: Visit, width: int) -> None:
    with audited.database.write() as transaction:
        from engine import acts

        for number in range(230):
            did = acts.Did("ada" if number % 2 else "root", "paused", workflow="orders")
            acts.note(transaction, did, audited.clock.now() - timedelta(minutes=number))
    page = visit("root", "/audit", viewport={"width": width, "height": 900})
    page.evaluate(AXE.read_text())
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        found = page.evaluate("axe.run().then(done => done.violations)")
        assert not [(rule["id"], node["html"][:120]) for rule in found for node in rule["nodes"]]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_label("Person").fill("ada")
    page.keyboard.press("Enter")
    page.wait_for_url("**person=ada**")
    assert page.locator("tbody tr").count() == 100
    page.get_by_role("link", name="Older").click()
    page.wait_for_url("**before=**")
    assert page.locator("tbody tr").count() == 15
    page.goto(audited.address + "/audit?since=2026-03-02x")
    page.get_by_role("alert").wait_for()


def test_only_admins_see_it(audited: Office) -> None:
    audited.add_user("ada", "supervisor")
    with audited.client("ada") as ada:
        answer = ada.get("/audit")
        assert answer.status_code == 403
        assert "The role supervisor may not do this" in text_of(answer.text)
