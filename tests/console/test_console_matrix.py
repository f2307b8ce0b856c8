"""Every route with every role, signed out, disabled and of another team: let in or refused, as the table here says.

The table is written by hand, apart from the code: a route that is not in it fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest

from console.access import ByToken, api_routes, door_of
from console.app import create_app
from console.permissions import Role
from engine.ids import new_id
from engine.store import tables
from tests.console.office import NOW, Office, csrf_of, form_of

LETTERS: Mapping[str, str] = {
    "v": Role.VIEWER,
    "u": Role.AUTHOR,
    "o": Role.OPERATOR,
    "s": Role.SUPERVISOR,
    "p": Role.APPROVER,
    "a": Role.ADMIN,
}
ALL = "vuospa"
HANDS = "ospa"  # who may decide, approve or retry
OPEN = "*"  # nobody has to sign in

TABLE: Mapping[str, str] = {
    # -- nobody has to sign in: sign-in itself, health, and calls that carry a signature
    "GET /healthz": OPEN,
    "GET /readyz": OPEN,
    "GET /sign-in": OPEN,
    "POST /sign-in": OPEN,
    "GET /sign-in/company": OPEN,
    "GET /sign-in/company/back": OPEN,
    "POST /sign-in/passkey": OPEN,
    "GET /sign-in/second": OPEN,
    "POST /sign-in/second": OPEN,
    "GET /set-up/{token}": OPEN,
    "POST /set-up/{token}": OPEN,
    "POST /hooks/{path:path}": OPEN,
    "GET /api/v1/openapi.json": OPEN,
    "GET /api/v1/docs": OPEN,
    # -- to look
    "GET /": ALL,
    "GET /queue/rows": ALL,
    "GET /queue/events": ALL,
    "GET /causes/{fingerprint}": ALL,
    "GET /causes/{fingerprint}/progress": ALL,
    "GET /exceptions/{name}": ALL,
    "GET /exceptions/{name}/words/{page}": ALL,
    "GET /calls": ALL,
    "GET /items": ALL,
    "GET /items/{name}": ALL,
    "POST /items/{name}/evidence": ALL,
    "GET /items/{name}/files/{input}": ALL,
    "GET /runs/{name}": ALL,
    "GET /runs/{name}/replay": ALL,
    "GET /effects": ALL,
    "GET /workflows": ALL,
    "GET /workflows/{name}": ALL,
    "GET /vendors": ALL,
    "GET /vendors/{name}": ALL,
    "GET /artifacts/{name}": ALL,
    "GET /alerts": ALL,
    "GET /dashboard": ALL,
    "GET /dashboard/{key}": ALL,
    "GET /exceptions/{name}/lookers": ALL,
    "POST /sign-out": ALL,
    # -- one's own account
    "GET /account": ALL,
    "POST /account/password": ALL,
    "POST /account/app": ALL,
    "POST /account/app/confirm": ALL,
    "POST /account/app/remove": ALL,
    "POST /account/codes": ALL,
    "POST /account/passkeys/begin": ALL,
    "POST /account/passkeys": ALL,
    "POST /account/passkeys/remove": ALL,
    "POST /account/sessions/end": ALL,
    "POST /account/sessions/end-others": ALL,
    "GET /account/prove": ALL,
    "POST /account/prove": ALL,
    # -- to work on what stands
    "POST /queue/views": HANDS,
    "POST /queue/views/forget": HANDS,
    "POST /queue/bulk": HANDS,
    "POST /queue/bulk/do": HANDS,
    "POST /queue/bulk/undo": HANDS,
    "POST /exceptions/{name}/look": HANDS,
    "GET /dashboard/sample": "sa",
    "POST /dashboard/sample/{name}": "sa",
    "POST /items/{name}/focus": HANDS,
    "POST /exceptions/{name}/claim": HANDS,
    "POST /exceptions/{name}/release": HANDS,
    "POST /exceptions/{name}/assign": HANDS,
    "POST /exceptions/{name}/snooze": HANDS,
    "POST /exceptions/{name}/wake": HANDS,
    "POST /exceptions/{name}/comment": HANDS,
    "POST /exceptions/{name}/check": "sa",
    "POST /exceptions/{name}/correct": "sa",
    "POST /exceptions/{name}/capture": "sa",
    "POST /exceptions/{name}/settle": "sa",
    "POST /exceptions/{name}/look-up": "sa",
    "POST /exceptions/{name}/approve of a review": "sa",
    "POST /exceptions/{name}/approve of an approval": "pa",
    "POST /exceptions/{name}/reject of a review": "sa",
    "POST /exceptions/{name}/reject of an approval": "pa",
    "POST /exceptions/{name}/retry": "osa",
    "POST /causes/{fingerprint}/retry": "osa",
    "POST /causes/{fingerprint}/stop": "osa",
    # -- to start and to stop
    "GET /workflows/{name}/run": "osa",
    "POST /workflows/{name}/run": "osa",
    "POST /workflows/{name}/try": "osa",
    "POST /workflows/{name}/pause": "oa",
    "POST /workflows/{name}/resume": "oa",
    "POST /workflows/{name}/triggers/pause": "oa",
    "POST /workflows/{name}/triggers/resume": "oa",
    # -- to administer
    "GET /users": "a",
    "GET /audit": "a",
    "POST /users": "a",
    "GET /users/{name}": "a",
    "POST /users/{name}": "a",
    "POST /users/{name}/disable": "a",
    "POST /users/{name}/enable": "a",
    "POST /users/{name}/link": "a",
    "POST /users/{name}/sessions/end": "a",
    "POST /users/{name}/second-factor/reset": "a",
}


class Visit:
    """An office with something of everything, and one call of each route with what lets it get past the door."""

    def __init__(self, office: Office) -> None:
        self.office = office
        for name in LETTERS.values():
            office.add_user(name, name, "buyers", "heads", "accounts")
        office.add_user("lee", "viewer")
        self.review = office.work("orders", n="1 chair", confidence=0.4)
        self.approval = office.work("orders", n="2 chairs")
        self.failed = office.work("orders", n="3 chairs", fail="refused")
        run = office.exception(self.failed)
        values = {"id": new_id("art"), "run": run["run"], "path": "steps.0", "name": "log.txt", "size": 3}
        values |= {"media_type": "text/plain", "created": NOW, "sha256": office.services.artifacts.put(b"log")}
        subject = {"id": "sub_1", "topic": "document", "name": "Vendor", "revision": 1, "studied": 1, "made": NOW}
        example = {"id": "exa_1", "topic": "document", "subject": "sub_1", "digest": "d", "item": self.failed}
        example |= {"person": "pat", "data": {"file": "x", "changed": []}, "content": b"", "made": NOW}
        with office.database.write() as transaction:
            transaction.execute(tables.artifacts.insert().values(**values))
            transaction.execute(tables.subjects.insert().values(**subject))
            transaction.execute(tables.examples.insert().values(**example))
        self.ids = {
            "exceptions": self.failed,
            "items": self.failed,
            "runs": str(run["run"]),
            "causes": str(run["fingerprint"]),
            "workflows": "orders",
            "vendors": "sub_1",
            "artifacts": str(values["id"]),
            "users": "lee",
        }

    def place(self, entry: str) -> tuple[str, str]:
        """Method and address of an entry of the table."""
        method, path = entry.partition(" of a")[0].split(" ")
        ids = dict(self.ids)
        if entry.endswith("of a review"):
            ids["exceptions"] = self.review
        if entry.endswith("of an approval"):
            ids["exceptions"] = self.approval
        kind = path.split("/")[1]
        path = re.sub(rf"(?<=/{kind}/){{\w+}}", ids.get(kind, "x"), path)
        return method, re.sub(r"{\w+(:path)?}", "1", path)

    def form(self, entry: str, csrf: str, page: str = "") -> dict[str, Any]:
        """What a person would send: enough for each route to do its work."""
        given = form_of(page) if 'id="decision"' in page else {}
        given |= {"csrf": csrf, "reason": "no", "note": "a note", "text": "a comment", "rest": "1h", "done": "yes"}
        given |= {"name": "Mine", "role": "viewer", "teams": "buyers", "to": "supervisor", "retrial": "x", "act": "x"}
        given |= {"action": "claim", "pick": self.failed, "trigger": "none", "token": "0" * 32, "input.n": "5 chairs"}
        given["input.confidence"] = "1"
        return given


@pytest.fixture
def visited(office: Office) -> Visit:
    return Visit(office)


def guarded(office: Office) -> list[str]:
    """The entries of the table that are for people who are signed in."""
    there = set(entries(office))
    return [entry for entry, who in TABLE.items() if who != OPEN and entry.partition(" of a")[0] in there]


def entries(office: Office) -> Iterator[str]:
    for route in api_routes(create_app(office.services).routes):
        if isinstance(door_of(route), ByToken):
            continue  # the interface for programs has a matrix of its own, of routes and scopes
        yield from (f"{method} {route.path}" for method in sorted(route.methods) if method != "HEAD")


def ask(client: httpx.Client, method: str, place: str, form: Mapping[str, Any]) -> int:
    """Only how the answer begins: one of them has no end."""
    with client.stream(method, place, data=form if method == "POST" else None) as answer:
        return answer.status_code


def test_every_route_is_in_the_table(office: Office) -> None:
    told = {entry.partition(" of a")[0] for entry in TABLE}
    assert sorted(set(entries(office)) - told) == [], "say in TABLE who may use these"
    assert len(guarded(office)) > 50


@pytest.mark.parametrize("letter", list(LETTERS))
def test_every_route_lets_in_the_roles_of_the_table_and_refuses_the_others(visited: Visit, letter: str) -> None:
    """Each call is one that a person could make from a page: it fails for the role alone, or does not."""
    office, role = visited.office, LETTERS[letter]
    office.open()
    # Those that may take the session or what is asked about away come last, the sign-out at the very end.
    last = ("reject", "approve", "retry", "correct", "settle", "look-up", "undo", "/account/", "sign-out")
    order = sorted(
        guarded(office), key=lambda entry: next((turn for turn, word in enumerate(last, 1) if word in entry), 0)
    )
    with office.client(role) as client:
        token = csrf_of(client.get("/").text)
        for entry in order:
            method, place = visited.place(entry)
            page = client.get(place.rpartition("/")[0]).text if entry.startswith("POST /exceptions/") else ""
            status = ask(client, method, place, visited.form(entry, token, page))
            assert (status != 403) is (letter in TABLE[entry]), f"{entry} as {role}: {status}"
            assert status < 500, f"{entry} as {role}: {status}"


def test_the_calls_of_the_matrix_do_their_work(visited: Visit) -> None:
    """An allowed call that ended at a form that was not whole would show nothing: what should work does work."""
    left = 0
    with visited.office.client("admin") as client:
        token = csrf_of(client.get("/").text)
        for entry in guarded(visited.office):
            method, place = visited.place(entry)
            if entry == "POST /sign-out" or entry.startswith("POST /account/sessions"):
                continue
            page = client.get(place.rpartition("/")[0]).text if entry.startswith("POST /exceptions/") else ""
            status = ask(client, method, place, visited.form(entry, token, page))
            if status not in (200, 204, 303):
                # Nothing there to be settled, undone, stopped or read twice: the door was passed all the same.
                assert status in (404, 409, 422), f"{entry}: {status}"
                left += 1
        assert left <= len(TABLE) // 3


@pytest.mark.parametrize("who", ["signed out", "disabled", "ended", "made up"])
def test_nobody_gets_in_without_a_session_that_counts(visited: Visit, who: str) -> None:
    office = visited.office
    with office.client(None if who in ("signed out", "made up") else "admin") as client:
        token = "0" * 64
        if who == "made up":
            client.cookies.set("clerkwork", "x" * 43)
        elif who != "signed out":
            token = csrf_of(client.get("/").text)
            with office.database.write() as transaction:
                if who == "disabled":
                    theirs = tables.users.c.name == "admin"
                    transaction.execute(tables.users.update().where(theirs).values(disabled=True))
                else:
                    transaction.execute(tables.sessions.delete())
        for entry in guarded(office):
            method, place = visited.place(entry)
            form = visited.form(entry, token)
            answer = client.request(method, place, data=form if method == "POST" else None)
            assert answer.status_code == 303, f"{entry}: {answer.status_code}"
            assert answer.headers["location"].startswith("/sign-in"), entry
        assert [office.state(item) for item in (visited.review, visited.approval)] == ["waiting", "waiting"]


@pytest.mark.parametrize("letter", "vuosp")
def test_for_another_team_nothing_is_there_whatever_the_role(visited: Visit, letter: str) -> None:
    """What one's role allows is a 404 for what is another team's, and what it does not allow a 403."""
    office = visited.office
    file = office.folder / "workflows" / "orders.yaml"
    file.write_text(file.read_text().replace("workflow: orders", "workflow: orders\nowner: staff"))
    office.library.refresh()
    office.add_user("mel", LETTERS[letter], "elsewhere")
    with office.client("mel") as client:
        token = csrf_of(client.get("/").text)
        for entry in guarded(office):
            letters, (method, place) = TABLE[entry], visited.place(entry)
            if "{" not in entry or "/users/" in entry:
                continue
            status = ask(client, method, place, visited.form(entry, token))
            if " of a" in entry:
                assert status in (403, 404), f"{entry}: {status}"
            elif letter in letters and not entry.endswith(("{page}", "capture")):  # those refuse in data, as 422
                assert status == 404, f"{entry}: {status}"
            else:
                assert status in (403, 404, 422), f"{entry}: {status}"
    assert [office.state(item) for item in (visited.review, visited.approval)] == ["waiting", "waiting"]
