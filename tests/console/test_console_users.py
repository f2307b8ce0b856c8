"""The users' page: admins add users, change what they may do, and shut them out; the last admin stays."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
import pytest

from console import staff
from console.api.tokens import add_token, revoke
from console.permissions import ABILITIES, Permission
from console.sessions import Viewer
from console.users import add_user
from engine.errors import UsageError
from engine.store import tables
from engine.store.database import one
from tests.console.office import NOW, PASSWORD, Office, csrf_of, sign_in, text_of

ROOT = Viewer("root", "admin", (), "", "")


@pytest.fixture
def staffed(office: Office) -> Office:
    office.add_user("root", "admin")
    office.add_user("ada", "supervisor", "accounts")
    return office


def send(client: httpx.Client, place: str, **form: str) -> httpx.Response:
    return client.post(place, data={"csrf": csrf_of(client.get("/users").text), **form})


def test_an_admin_adds_a_user_who_comes_in_by_a_link_that_is_shown_once(staffed: Office) -> None:
    with staffed.client("root") as client:
        made = send(client, "/users", name="eva", role="approver", teams="heads,  ap  lead ,heads")
        assert made.status_code == 200
        found = re.search(r"http://[^<\s]+/set-up/[\w-]+", made.text)
        assert found is not None
        page = client.get("/users/eva")
        assert "/set-up/" not in page.text
        assert "has not chosen a password" in text_of(page.text)
        assert "root : added as approver of heads, ap lead" in text_of(page.text)
    with staffed.client() as new:
        form = {"csrf": csrf_of(new.get(found[0]).text), "password": PASSWORD, "again": PASSWORD}
        assert new.post(found[0], data=form).status_code == 303
        assert "eva approver" in text_of(new.get("/").text)
        assert new.get("/users").status_code == 403
        assert 'href="/users"' not in new.get("/").text
    with staffed.database.read() as transaction:
        row = one(transaction, tables.users.select().where(tables.users.c.name == "eva"))
    assert row is not None
    assert row["teams"] == ["heads", "ap lead"]


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"name": "ada", "role": "viewer"}, "There is a user ada already. Choose another name."),
        ({"name": "a b", "role": "viewer"}, "'a b' is no user name. Use letters, digits and . _ @ + -."),
        ({"name": "accounts", "role": "approver"}, "Accounts is the name of a team. Choose another name."),
        ({"name": "eva", "role": "viewer", "teams": "x, ada"}, "Ada is a user and no team."),
        ({"name": "eva", "role": "king"}, "'king' is no role."),
        ({"name": "eva", "role": "viewer", "teams": "a/b"}, "'a/b' is no name for a team."),
        ({"name": "eva", "role": "viewer", "teams": ",".join(f"t{n}" for n in range(51))}, "These are 51 teams."),
    ],
)
def test_a_user_who_cannot_be_added_is_told_and_what_was_typed_stays(
    staffed: Office, form: dict[str, str], words: str
) -> None:
    with staffed.client("root") as client:
        answer = send(client, "/users", **form)
    assert answer.status_code == 422
    assert words in text_of(answer.text)
    assert f'value="{form["name"]}"' in answer.text


def test_another_role_and_other_teams_hold_from_the_next_page_on(staffed: Office) -> None:
    with staffed.client("root") as client, staffed.client("ada") as ada:
        assert ada.get("/users").status_code == 403
        assert send(client, "/users/ada", role="admin", teams="heads").status_code == 303
        assert ada.get("/users").status_code == 200
        assert send(client, "/users/ada", role="viewer", teams="").status_code == 303
        assert ada.get("/users").status_code == 403
        told = text_of(client.get("/users/ada?done=changed").text)
        assert "Saved. It holds from their next page on." in told
        assert "root : made viewer; was admin of heads" in told


def test_tokens_for_programs_are_listed_without_what_opens(staffed: Office) -> None:
    lasts = timedelta(days=30)
    with staffed.database.write() as transaction:
        tokens = [add_token(transaction, "till", "ada", ["see"], [], lasts, NOW)]
        tokens.append(add_token(transaction, "nightly", None, ["run"], ["accounts"], lasts, NOW))
        revoke(transaction, "till", NOW)
    with staffed.client("root") as client:
        own, all_ = (text_of(client.get(place).text) for place in ("/users/ada", "/users"))
    assert "till see all they are in never revoked" in own
    assert "nightly run accounts never" in all_
    assert "nightly" not in own
    assert not [token for token in tokens if token in own + all_]


def test_attack_23_self_approval_nobody_is_called_as_a_team_is(staffed: Office) -> None:
    """What is assigned to `accounts` is for its members, and not for a person who calls herself so."""
    with staffed.database.write() as transaction:
        with pytest.raises(UsageError, match="accounts is the name of a team"):
            add_user(transaction, "accounts", None, "approver", [], NOW)
        with pytest.raises(UsageError, match="ada is a user and no team"):
            staff.change(transaction, ROOT, "root", "admin", ["ada"], NOW)


def test_who_is_disabled_is_out_at_once_and_stays_out_until_enabled(staffed: Office) -> None:
    with staffed.client("root") as client, staffed.client("ada") as ada:
        link = send(client, "/users/ada/link")
        token = re.search(r"/set-up/[\w-]+", link.text)
        assert token is not None
        assert send(client, "/users/ada/disable").headers["location"] == "/users/ada?done=disabled"
        assert ada.get("/").status_code == 303
        assert sign_in(ada, "ada", PASSWORD).status_code == 403
        assert ada.get(token[0]).status_code == 410
        refused = send(client, "/users/ada/link")
        assert refused.status_code == 409
        assert "Ada is disabled. Enable them first." in text_of(refused.text)
        assert send(client, "/users/ada/enable").status_code == 303
        assert ada.get("/").status_code == 303  # the old session does not come back
        assert sign_in(ada, "ada", PASSWORD).status_code == 303


def test_sessions_are_counted_and_ended(staffed: Office) -> None:
    with staffed.client("root") as client, staffed.client("ada") as one_browser, staffed.client("ada") as other:
        assert "2 sessions open" in text_of(client.get("/users/ada").text)
        assert send(client, "/users/ada/sessions/end").status_code == 303
        assert {one_browser.get("/").status_code, other.get("/").status_code} == {303}
        assert "0 sessions open" in text_of(client.get("/users/ada").text)


def test_the_last_admin_can_be_neither_disabled_nor_made_anything_else(staffed: Office) -> None:
    told = "Root is the last admin who can sign in. Make somebody else an admin first."
    with staffed.client("root") as client:
        # One who has not chosen a password yet cannot take over.
        send(client, "/users", name="eva", role="admin", teams="")
        for place, form in (("/users/root/disable", {}), ("/users/root", {"role": "viewer", "teams": ""})):
            refused = send(client, place, **form)
            assert refused.status_code == 409
            assert told in text_of(refused.text)
        staffed.add_user("ida", "admin")
        assert send(client, "/users/root", role="viewer", teams="").status_code == 303
        assert client.get("/users").status_code == 403


def test_an_admin_who_was_shut_out_counts_no_more(staffed: Office) -> None:
    staffed.add_user("ida", "admin")
    with staffed.database.write() as transaction:
        staff.shut_out(transaction, ROOT, "ida", NOW)
        with pytest.raises(UsageError, match="root is the last admin who can sign in"):
            staff.shut_out(transaction, ROOT, "root", NOW)
        staff.let_in(transaction, ROOT, "ida", NOW)
        staff.shut_out(transaction, ROOT, "root", NOW)


def test_a_user_whom_nobody_knows_is_no_page(staffed: Office) -> None:
    with staffed.client("root") as client:
        for place in ("/users/bob", "/users/bob/disable", "/users/bob/enable", "/users/bob/link"):
            answer = client.get(place) if place.endswith("bob") else send(client, place)
            assert answer.status_code == 404, place
            assert "There is no user bob." in text_of(answer.text)


def test_each_role_is_told_with_what_it_may_do(staffed: Office) -> None:
    with staffed.client("root") as client:
        page = text_of(client.get("/users").text)
    assert "supervisor: looks, corrects and decides, retries, starts items" in page
    assert ABILITIES.keys() == set(Permission)
