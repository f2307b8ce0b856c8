"""Taking, handing on, putting aside and commenting on exceptions, without scripts; and that no route goes around it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from console import triage
from console.access import Refused
from console.sessions import Viewer
from engine import exceptions, holding
from engine.comments import parts
from engine.errors import UsageError
from engine.exceptions import Person
from engine.store.database import Row
from tests.console.office import NOW, Office, csrf_of, text_of


@pytest.fixture
def staffed(office: Office) -> Office:
    office.add_user("ada", "supervisor", "accounts", "buyers")
    office.add_user("ben", "supervisor", "buyers")
    office.add_user("hugo", "approver", "heads")
    office.add_user("vic", "viewer", "buyers")
    office.add_user("root", "admin")
    return office


def order(office: Office, text: str = "20 chairs") -> str:
    return office.work("orders", n=text, confidence=0.4)


def post(client: httpx.Client, item: str, verb: str, **form: str) -> httpx.Response:
    token = csrf_of(client.get(f"/exceptions/{item}").text)
    return client.post(f"/exceptions/{item}/{verb}", data={"csrf": token, **form})


def row(office: Office, item: str) -> Row:
    return office.exception(item)


def listed(client: httpx.Client, query: str = "") -> str:
    return client.get(f"/{query}").text


def test_who_claims_an_item_has_it_and_nobody_else_decides_it_by_any_route(staffed: Office) -> None:
    item = staffed.work("orders", n="50 lamps", fail="refused")
    with staffed.client("ada") as ada, staffed.client("ben") as ben, staffed.client("root") as root:
        assert post(ada, item, "claim").status_code == 303
        assert row(staffed, item)["holder"] == "ada"
        assert "you have it" in text_of(ada.get(f"/exceptions/{item}").text)
        for client in (ben, root):
            told = text_of(client.get(f"/exceptions/{item}").text)
            assert "ada is at this. Take it over with a note, or leave it to them." in told
            refused = post(client, item, "retry")
            assert refused.status_code == 409
            assert f"Ada has item {item}." in text_of(refused.text)
        assert "50 lamps" in listed(ada)
        assert "50 lamps" in listed(ada, "?assigned=held")
        assert "50 lamps" not in listed(ben)
        assert "50 lamps" not in listed(ben, "?assigned=nobody")
        assert "50 lamps" in listed(ben, "?assigned=ada")
        with staffed.database.write() as transaction, pytest.raises(UsageError, match="ada has item"):
            exceptions.retry(transaction, item, Person("cli", admin=True), NOW)
        assert post(ada, item, "release").status_code == 303
        assert post(ben, item, "retry").status_code == 303


def test_taking_over_needs_a_note_which_the_other_reads(staffed: Office) -> None:
    item = order(staffed)
    with staffed.client("ada") as ada, staffed.client("ben") as ben:
        post(ada, item, "claim")
        refused = post(ben, item, "claim")
        assert refused.status_code == 409
        assert "Ada has item" in text_of(refused.text)
        assert post(ben, item, "claim", note="the vendor is on the phone").status_code == 303
        assert row(staffed, item)["holder"] == "ben"
        calls = text_of(ada.get("/calls").text)
        assert "ben new took over what you had the vendor is on the phone" in calls
        page = text_of(ada.get(f"/exceptions/{item}").text)
        assert "ben took it from ada “the vendor is on the phone”" in page
        assert "1 new" not in text_of(ada.get("/calls").text)


def test_an_item_is_given_only_to_somebody_who_may_decide_it(staffed: Office) -> None:
    item = order(staffed)
    with staffed.client("ada") as ada, staffed.client("ben") as ben:
        page = ada.get(f"/exceptions/{item}").text
        offered = page[page.index('id="assign-to"') :].partition("</select>")[0]
        assert [name for name in ("ada", "ben", "hugo", "vic", "root") if f"<option>{name}<" in offered] == [
            "ada",
            "ben",
            "root",
        ]
        for name, why in (
            ("hugo", "hugo does not answer for what is assigned to buyers"),
            ("vic", "vic may decide nothing here"),
            ("nobody", "there is no user nobody"),
        ):
            refused = post(ada, item, "assign", to=name)
            assert refused.status_code == 409
            assert why in text_of(refused.text).lower()
        assert post(ada, item, "assign", to="ben", note="you know them").status_code == 303
        assert row(staffed, item)["holder"] == "ben"
        assert "gave it to you you know them" in text_of(ben.get("/calls").text)


def test_an_approval_is_never_handed_to_somebody_outside_of_its_team(staffed: Office) -> None:
    item = staffed.work("orders", n="30 desks")  # `by: heads`
    with staffed.client("ada") as ada, staffed.client("hugo") as hugo:
        assert post(ada, item, "claim").status_code == 409
        assert post(hugo, item, "assign", to="ada").status_code == 409
        assert row(staffed, item)["holder"] is None
        assert row(staffed, item)["assigned"] == "heads"


def test_what_is_snoozed_is_out_of_the_lists_until_its_time_and_keeps_its_deadline(staffed: Office) -> None:
    item = order(staffed)
    due = row(staffed, item)["due"]
    with staffed.client("ada") as ada:
        assert post(ada, item, "snooze", rest="tomorrow", note="they call back").status_code == 303
        assert row(staffed, item)["snoozed"] == datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
        assert row(staffed, item)["due"] == due
        assert "20 chairs" not in listed(ada)
        assert "Snoozed <b>1</b>" in listed(ada)
        assert "20 chairs" in listed(ada, "?rest=yes")
        assert "rests until 3 Mar, 09:00" in text_of(ada.get(f"/exceptions/{item}").text)
    staffed.clock.sleep(86400)
    with staffed.client("ada") as ada:
        assert "20 chairs" in listed(ada)
        post(ada, item, "snooze", until="2026-03-10T08:00")
        assert "20 chairs" not in listed(ada)
        assert post(ada, item, "wake").status_code == 303
        assert "20 chairs" in listed(ada)
        for form, why in (
            ({"until": "2026-01-01T08:00"}, "It cannot rest until 2026-01-01 08:00. Give a time that is to come"),
            ({"until": "soon"}, "'soon' is no time. Write it as 2026-03-31T09:00."),
            ({}, "It is not said until when it rests. Choose one, or type a time."),
        ):
            refused = post(ada, item, "snooze", note="my words", **form)
            assert refused.status_code == 409
            assert why in text_of(refused.text)
            assert 'value="my words"' in refused.text


def test_times_are_read_and_shown_in_the_zone_of_the_person(staffed: Office) -> None:
    item = order(staffed)
    with staffed.client("ada") as ada:
        ada.cookies.set("zone", "Asia/Tokyo")
        post(ada, item, "snooze", until="2026-03-03T09:00")
        assert row(staffed, item)["snoozed"] == datetime(2026, 3, 3, 0, 0, tzinfo=UTC)
        assert "rests until 3 Mar, 09:00" in text_of(ada.get(f"/exceptions/{item}").text)
        for wrong in ("../../etc/passwd", "Nowhere/Else", "x" * 500):
            ada.cookies.set("zone", wrong)
            assert "rests until 3 Mar, 00:00" in text_of(ada.get(f"/exceptions/{item}").text)


def test_a_comment_calls_people_and_teams_by_name_and_is_shown_as_text(staffed: Office) -> None:
    item = order(staffed)
    with staffed.client("ada") as ada, staffed.client("ben") as ben, staffed.client("hugo") as hugo:
        text = "@hugo, @buyers: <script>alert(1)</script> mail me@ben.example. Ask @nobody."
        assert post(ada, item, "comment", text=text).headers["location"].endswith("#history")
        page = ben.get(f"/exceptions/{item}").text
        assert "&lt;script&gt;" in page
        assert "<script>alert" not in page
        assert '<b class="call">@hugo</b>' in page
        assert '<b class="call">@nobody' not in page
        assert 'class="new">1<' in hugo.get("/").text
        assert "wrote @hugo, @buyers" in text_of(hugo.get("/calls").text)
        assert 'class="new"' not in ada.get("/").text
        refused = post(ada, item, "comment", text="  ")
        assert "The comment is empty. Write a word." in text_of(refused.text)
        long = post(ada, item, "comment", text="x" * 4001)
        assert "x" * 4001 in long.text


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("@ada", ["@ada"]),
        ("see @ada.", ["@ada"]),
        ("(@ada)", ["@ada"]),
        ("ada@example.com", []),
        ("@@ada", []),
        ("@adam", []),
    ],
)
def test_a_name_is_called_only_where_it_stands_alone(text: str, called: list[str]) -> None:
    found = parts(text, {"ada"})
    assert [piece for piece, calls in found if calls] == called
    assert "".join(piece for piece, _ in found) == text


def test_the_rights_are_asked_for_in_what_the_routes_call(staffed: Office) -> None:
    item = order(staffed)
    viewer = Viewer("vic", "viewer", ("buyers",), "", "")
    with staffed.database.write() as transaction:
        for do in (
            lambda: triage.claim(transaction, viewer, item, NOW),
            lambda: triage.release(transaction, viewer, item, NOW),
            lambda: triage.assign(transaction, viewer, item, "ada", NOW),
            lambda: triage.snooze(transaction, viewer, item, NOW + timedelta(hours=1), NOW),
            lambda: triage.wake(transaction, viewer, item, NOW),
            lambda: triage.comment(transaction, viewer, item, "x", NOW),
        ):
            with pytest.raises(Refused, match="the role viewer may not do this"):
                do()
    with staffed.client("vic") as vic:
        page = text_of(vic.get(f"/exceptions/{item}").text)
        assert "Claim" not in page
        assert post(vic, item, "claim").status_code == 403


def test_two_who_claim_at_once_are_not_both_told_yes(staffed: Office) -> None:
    item = order(staffed)
    with staffed.database.write() as transaction:
        holding.claim(transaction, item, Person("ada", ("buyers",)), NOW)
    with staffed.database.write() as transaction, pytest.raises(UsageError, match="ada has item"):
        holding.claim(transaction, item, Person("ben", ("buyers",)), NOW)
