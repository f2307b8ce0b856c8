"""Attacks of people who may come in: what their role, their team or the rule of four eyes does not give them."""

from __future__ import annotations

import getpass
import re
from typing import Any

import pytest

from console.access import api_routes
from console.app import create_app
from console.bulk import ACTIONS
from engine import exceptions
from engine.errors import UsageError
from engine.exceptions import Person
from engine.store import tables
from engine.store.database import count
from tests.console.office import NOW, Office, csrf_of, form_of, text_of

PAY = """
workflow: pay
title: Pay a supplier
inputs:
  n: {type: text}
  fail: {type: text, required: false, default: ""}
triggers:
  - manual: {title: Pay, by: [cashiers]}
steps:
  - name: Read the bank details
    world.read: {value: "${{ item.n }}", confidence: 0.5}
    as: bank
    review: {when: "${{ bank.confidence < 0.8 }}", assign: accounts}
  - name: Sign it off
    approve: {by: accounts, not: corrector, show: [bank.value]}
  - name: Pay it
    world.shout: {world: WORLD, value: "${{ bank.value }}", fail: "${{ item.fail }}"}
"""
OWN, SWAPPED = "GB29 NWBK 6016 1331 9268 19", "LT12 1000 0111 0100 1000"


@pytest.fixture
def staffed(office: Office) -> Office:
    (office.folder / "workflows" / "pay.yaml").write_text(PAY.replace("WORLD", str(office.world)))
    office.library.refresh()
    assert not office.library.problems
    office.add_user("ada", "admin", "accounts")  # may do everything: the rules hold for her all the same
    office.add_user("ben", "approver", "accounts")
    office.add_user("vic", "viewer", "accounts", "buyers", "cashiers")
    office.add_user("sue", "supervisor", "accounts", "buyers")
    return office


def number(office: Office, table: Any) -> int:
    with office.database.read() as transaction:
        return count(transaction, table)


# -- 3 and 6: what a page does not offer is not done without it either -------------------------------------------------


def test_attack_03_role_only_in_the_ui_a_viewer_changes_nothing_by_any_form(staffed: Office) -> None:
    item = staffed.work("orders", n="20 chairs", confidence=0.4)
    with staffed.client("sue") as client:
        form = form_of(client.get(f"/exceptions/{item}").text)
    watched = (tables.items, tables.decisions, tables.acts, tables.users, tables.saved_views, tables.retrials)
    before = [number(staffed, table) for table in watched]
    with staffed.client("vic") as client:
        token = csrf_of(client.get("/").text)
        for route in api_routes(create_app(staffed.services).routes):
            own = ("/sign-out", "/sign-in", "/set-up", "/account")
            if "POST" not in route.methods or route.path.startswith(own):
                continue
            place = re.sub(r"(?<=/workflows/){name}", "orders", route.path)
            place = re.sub(r"(?<=/exceptions/){name}", item, place)
            given = form | {
                "csrf": token,
                "reason": "x",
                "name": "me",
                "role": "admin",
                "action": "claim",
                "pick": item,
            }
            given |= {"input.n": "5 chairs", "token": "0" * 32, "text": "hello", "note": "x"}
            assert client.post(re.sub(r"{[^}]*}", "x", place), data=given).status_code >= 400, route.path
    assert [number(staffed, table) for table in watched] == before
    assert staffed.state(item) == "waiting"


def test_attack_06_side_door_a_run_is_started_by_no_way_but_the_one_that_asks(staffed: Office) -> None:
    """By a dry run, a retry, a web hook, another address, or a form that was made for somebody else."""
    failed = staffed.work("orders", n="3 chairs", fail="refused")
    with staffed.client("sue") as client:
        form = {"csrf": csrf_of(client.get("/").text), "input.n": "5", "token": "1" * 32}
        refused = client.post("/workflows/pay/run", data=form)
        assert refused.status_code == 403
        assert "Sue may not start Pay a supplier. It is started by cashiers." in text_of(refused.text)
        assert client.post("/workflows/pay/try", data=form).status_code == 403
    with staffed.client("vic") as client:
        form = {"csrf": csrf_of(client.get("/").text), "input.n": "5", "token": "2" * 32, "action": "retry"}
        for place in (
            "/workflows/pay/run",
            "/workflows/pay/try",
            "/workflows/orders/run?role=admin",
            f"/exceptions/{failed}/retry",
            f"/causes/{staffed.exception(failed)['fingerprint']}/retry",
            "/queue/bulk/do",
        ):
            assert client.post(place, data=form | {"pick": failed}).status_code == 403, place
        for place in ("/hooks/pay", "/hooks/orders", "/hooks/../workflows/pay/run"):
            assert client.post(place, json={"n": "5"}).status_code in (403, 404), place
    assert number(staffed, tables.items) == 1
    assert number(staffed, tables.runs) == 1


def test_attack_06_side_door_the_same_form_sent_twice_starts_one_item(staffed: Office) -> None:
    staffed.add_user("cas", "operator", "cashiers")
    with staffed.client("cas") as client:
        form = {"csrf": csrf_of(client.get("/").text), "input.n": "5", "token": "3" * 32}
        places = {client.post("/workflows/pay/run", data=form).headers["location"].partition("?")[0] for _ in range(2)}
    assert len(places) == 1
    assert number(staffed, tables.items) == 1


# -- 5 and 18: secrets ------------------------------------------------------------------------------------------------


def test_attack_05_viewer_reads_secrets_no_page_has_one_whoever_asks(staffed: Office) -> None:
    """The console has no secret to show: pages name references; what was raised with a secret in it was scrubbed."""
    secret = "s3cr3t-of-the-ERP"
    staffed.surroundings.secrets = {"erp": secret}
    staffed.surroundings.connections["erp"] = {"system": "erp", "password": secret}
    staffed.surroundings.secret("erp")
    flow = ORDER_WITH_SECRET.replace("WORLD", str(staffed.world))
    (staffed.folder / "workflows" / "secretive.yaml").write_text(flow)
    staffed.library.refresh()
    assert not staffed.library.problems
    item = staffed.work("secretive", n=f"the password is {secret}")
    raised = staffed.exception(item)
    for name in ("vic", "ada"):
        with staffed.client(name) as client:
            for place in (
                *("/", "/?assigned=all", "/items", "/effects", "/alerts", "/workflows", "/workflows/secretive"),
                *(f"/items/{item}", f"/runs/{raised['run']}", f"/runs/{raised['run']}/replay"),
                *(f"/exceptions/{item}", f"/causes/{raised['fingerprint']}"),
            ):
                answer = client.get(place)
                assert answer.status_code == 200, place
                if place == f"/items/{item}":
                    continue  # what a person typed into an input is theirs; see the next lines for what a run made of it
                assert secret not in answer.text.replace(f"the password is {secret}", ""), place
    with staffed.database.read() as transaction:
        told = [str(row) for row in transaction.execute(tables.exceptions.select()).all()]
        assert not [line for line in told if secret in line]


ORDER_WITH_SECRET = """
workflow: secretive
inputs: {n: {type: text}}
steps:
  - name: Ask
    fail: {code: REFUSED, message: "the ERP said: ${{ item.n }}"}
"""


# -- 21: filters and names are values ---------------------------------------------------------------------------------

EVIL = (
    "' OR '1'='1",
    '" OR 1=1 --',
    "'; DROP TABLE items; --",
    "%' UNION SELECT password FROM users --",
    "%",
    "_",
    "\\",
    "${{ secrets.erp }}",
    "{{ 7*7 }}",
    "\x00",
    "é\u2028\ud7ff",
    "x" * 5000,
    "-1",
    "9" * 30,
    "null",
    "[]",
)
QUERIES = (
    "assigned",
    "kind",
    "workflow",
    "code",
    "step",
    "cause",
    "rest",
    "after",
    "before",
    "state",
    "status",
    "bulk",
)


@pytest.mark.parametrize("evil", EVIL, ids=range(len(EVIL)))
def test_attack_21_sql_injection_whatever_stands_in_an_address_is_a_value(staffed: Office, evil: str) -> None:
    staffed.work("orders", n="20 chairs", confidence=0.4)
    with staffed.client("sue") as client:
        token = csrf_of(client.get("/").text)
        for route in api_routes(create_app(staffed.services).routes):
            place = re.sub(r"{[^}]*}", "{}", route.path)
            if "GET" not in route.methods or place in ("/queue/events", "/sign-in/company", "/sign-in/company/back"):
                continue
            for query in (dict.fromkeys(QUERIES, evil), {}):
                answer = client.get(place.replace("{}", _quoted(evil)), params=query)
                assert answer.status_code in (200, 204, 303, 400, 401, 403, 404, 410, 422), (
                    f"{place}: {answer.status_code}"
                )
                assert "argon2" not in answer.text
                assert ">49<" not in answer.text
        for place in ("/queue/views", "/queue/bulk", "/exceptions/x/claim", "/workflows/orders/pause"):
            form = {"csrf": token, "name": evil, "pick": evil, "action": evil, "reason": evil}
            assert client.post(place, data=form).status_code in (303, 400, 403, 404, 422), place
    assert number(staffed, tables.items) == 1
    assert number(staffed, tables.users) == 4


def _quoted(text: str) -> str:
    from urllib.parse import quote

    return quote(text, safe="")


# -- 23: insiders -----------------------------------------------------------------------------------------------------


def corrected_by(office: Office, name: str, value: str) -> str:
    """An item whose bank details this person corrected; it waits for the approval."""
    item = office.work("pay", n=OWN)
    with office.database.write() as transaction:
        exceptions.correct(transaction, item, Person(name, ("accounts",)), {"value": value}, NOW)
    office.go_on(item)
    assert office.exception(item)["kind"] == "approval"
    return item


def test_attack_23_self_approval_the_corrector_approves_by_no_route(
    staffed: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The console, another form of her name, bulk, a retry, the command line: she is an admin, and none of it helps."""
    item = corrected_by(staffed, "ada", SWAPPED)
    with staffed.client("ada") as client:
        form = form_of(client.get(f"/exceptions/{item}").text) | {"reason": "mine"}
        answer = client.post(f"/exceptions/{item}/approve", data=form)
        assert answer.status_code == 409
        assert "ada corrected this item and may not approve it. Another person has to approve it." in text_of(
            answer.text
        )
        for seen in ("", "x"):
            assert client.post(f"/exceptions/{item}/approve", data=form | {"seen": seen}).status_code == 409
        assert client.post(f"/exceptions/{item}/approve?person=ben", data=form | {"person": "ben"}).status_code == 409
        assert client.post(f"/exceptions/{item}/retry", data=form).status_code == 409
        assert client.post(f"/exceptions/{item}/settle", data=form | {"done": "yes"}).status_code == 409
        assert "approve" not in ACTIONS, "nothing is approved in bulk"
        bulk = {"csrf": form["csrf"], "action": "approve", "pick": str(staffed.exception(item)["id"])}
        assert client.post("/queue/bulk/do", data=bulk).status_code in (404, 409)
    # The command line names who is logged in to the machine, and the engine's rule is the same.
    monkeypatch.setattr(getpass, "getuser", lambda: "ada")
    from commands.person import person_at_the_keyboard
    from console.permissions import Permission

    with staffed.database.write() as transaction:
        person = person_at_the_keyboard(transaction, Permission.APPROVE)
        with pytest.raises(UsageError, match="ada corrected this item and may not approve it"):
            exceptions.approve(transaction, item, person, NOW)
    assert staffed.state(item) == "waiting"
    assert staffed.posts == []


def test_attack_23_self_approval_another_name_is_another_user_whom_an_admin_made(staffed: Office) -> None:
    """What an admin could do, make a second user for herself, is written down with her name."""
    with staffed.client("ada") as client:
        form = {"csrf": csrf_of(client.get("/users").text), "name": "ada2", "role": "approver", "teams": "accounts"}
        assert client.post("/users", data=form).status_code == 200
        assert "ada : added as approver of accounts" in text_of(client.get("/users/ada2").text)


def test_attack_23_edit_after_approval_what_was_approved_is_asked_for_again(staffed: Office) -> None:
    item = corrected_by(staffed, "sue", OWN)
    with staffed.client("ben") as client:
        form = form_of(client.get(f"/exceptions/{item}").text) | {"reason": "fine"}
        assert client.post(f"/exceptions/{item}/approve", data=form).status_code == 303
    # Before a worker takes it up there is nothing to be corrected, and afterwards it is paid.
    nothing = pytest.raises(UsageError, match="nothing stands in the exception queue")
    with staffed.database.write() as transaction, nothing:
        exceptions.correct(transaction, item, Person("sue", ("accounts",)), {"value": SWAPPED}, NOW)
    staffed.go_on(item)
    assert staffed.posts == [OWN]
    with staffed.database.write() as transaction, pytest.raises(UsageError):
        exceptions.correct(transaction, item, Person("sue", ("accounts",)), {"value": SWAPPED}, NOW)


def test_attack_23_bank_detail_swap_an_approval_counts_for_what_was_shown(staffed: Office) -> None:
    """Ben looks at one account; before he clicks another one stands there: his click counts for nothing."""
    item = corrected_by(staffed, "sue", OWN)
    with staffed.client("ben") as client:
        shown = client.get(f"/exceptions/{item}").text
        assert OWN in shown
        with staffed.database.write() as transaction:
            exceptions.correct(transaction, item, Person("sue", ("accounts",)), {"value": SWAPPED}, NOW)
        staffed.go_on(item)
        form = form_of(shown) | {"reason": "as seen"}
        answer = client.post(f"/exceptions/{item}/approve", data=form)
        assert answer.status_code == 409
        assert "You changed 1 field, and an approval takes the values as they were." in text_of(answer.text)
        bare = {name: form[name] for name in ("csrf", "seen", "reason")}
        answer = client.post(f"/exceptions/{item}/approve", data=bare)
        assert answer.status_code == 409
        assert f"item {item} changed since it was shown" in text_of(answer.text).lower()
        assert SWAPPED in answer.text
    assert staffed.state(item) == "waiting"
    assert staffed.posts == []


def test_attack_23_bank_detail_swap_a_reviewer_cannot_turn_an_approval_into_a_review(staffed: Office) -> None:
    """Who may correct but not approve gets past the approval by no verdict."""
    item = corrected_by(staffed, "sue", SWAPPED)
    with staffed.client("sue") as client:
        form = form_of(client.get(f"/exceptions/{item}").text) | {"reason": "x", "done": "yes"}
        for verdict in ("approve", "reject", "retry", "settle", "look-up"):
            assert client.post(f"/exceptions/{item}/{verdict}", data=form).status_code in (403, 409), verdict
    assert staffed.state(item) == "waiting"
    assert staffed.posts == []
