"""The stream that tells what changed, and the views that are kept for everybody."""

from __future__ import annotations

import time

import pytest

from console import saved_views
from console.access import Refused
from console.queue_filter import QueueFilter
from console.sessions import Viewer
from engine.errors import UsageError
from tests.console.office import NOW, Office, csrf_of, text_of

ADA = Viewer("ada", "supervisor", (), "", "")
BEN = Viewer("ben", "supervisor", (), "", "")
ROOT = Viewer("root", "admin", (), "", "")


@pytest.fixture
def staffed(office: Office) -> Office:
    office.add_user("ada", "supervisor", "buyers")
    office.add_user("vic", "viewer")
    return office


def test_the_stream_tells_within_seconds_that_something_was_raised_decided_or_said(staffed: Office) -> None:
    items = [staffed.work("orders", n=f"{n} chairs", confidence=0.4) for n in (1, 2)]
    with staffed.client("ada") as client, client.stream("GET", "/queue/events") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        lines = stream.iter_lines()
        assert next(lines) == "retry: 2000"
        token = csrf_of(client.get("/").text)
        for change in (
            lambda: staffed.work("orders", n="3 chairs", confidence=0.4),
            lambda: client.post(f"/exceptions/{items[0]}/claim", data={"csrf": token}),
            lambda: client.post(f"/exceptions/{items[1]}/reject", data={"csrf": token, "reason": "no"}),
        ):
            change()
            began = time.monotonic()
            assert next(line for line in lines if line.startswith("event")) == "event: changed"
            assert time.monotonic() - began < 4


def test_a_stream_that_is_open_does_not_hold_up_the_end_of_the_console(staffed: Office) -> None:
    with staffed.client("ada") as client, client.stream("GET", "/queue/events") as stream:
        lines = stream.iter_lines()
        next(lines)
        began = time.monotonic()
        staffed.close()
        assert time.monotonic() - began < 5
        assert list(lines)[-1:] in ([""], [":"], [])


def test_a_view_is_kept_by_who_may_and_removed_by_who_made_it(staffed: Office) -> None:
    mine = QueueFilter(kind="review", workflow="orders")
    with staffed.database.write() as transaction:
        saved_views.save_view(transaction, ADA, " Doubtful  orders ", mine, NOW)
        (row,) = saved_views.saved_views(transaction)
        assert (row["name"], row["query"], row["person"]) == ("Doubtful orders", "kind=review&workflow=orders", "ada")
        assert saved_views.filter_in(row["query"]) == mine
        saved_views.save_view(transaction, ADA, "Doubtful orders", QueueFilter(), NOW)
        assert len(saved_views.saved_views(transaction)) == 1
        for name, viewer, error, words in (
            ("Doubtful orders", BEN, UsageError, "ada has a view Doubtful orders already; give yours another name"),
            ("", ADA, UsageError, "'' is no name for a view"),
            ("x" * 61, ADA, UsageError, "is no name for a view"),
            ("y", Viewer("vic", "viewer", (), "", ""), Refused, "the role viewer may not do this"),
        ):
            with pytest.raises(error, match=words):
                saved_views.save_view(transaction, viewer, name, mine, NOW)
        with pytest.raises(UsageError, match="ada made the view Doubtful orders; they or an admin may remove it"):
            saved_views.forget_view(transaction, BEN, "Doubtful orders")
        saved_views.forget_view(transaction, ROOT, "Doubtful orders")
        assert not saved_views.saved_views(transaction)


def test_a_view_keeps_a_filter_and_nothing_else_that_its_address_carries(staffed: Office) -> None:
    with staffed.client("ada") as client:
        form = {"csrf": csrf_of(client.get("/").text), "name": '<b>"mine"</b>'}
        answer = client.post("/queue/views?kind=review&next=//evil.example&after=x", data=form)
        assert answer.headers["location"] == "/?kind=review"
        page = client.get("/").text
        assert "&lt;b&gt;&#34;mine&#34;&lt;/b&gt;" in page
        assert "evil" not in page
    with staffed.client("vic") as client:
        assert client.post("/queue/views", data={"csrf": csrf_of(client.get("/").text), "name": "x"}).status_code == 403
        assert "Save this view" not in text_of(client.get("/?kind=review").text)
