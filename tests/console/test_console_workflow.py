"""The page of a workflow: its schedules with what comes and what was missed, the brakes, and its steps."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.items import State
from scheduler.service import Scheduler
from tests.console.office import NOW, Office, csrf_of, text_of

NIGHTLY = """
workflow: nightly
title: Nightly report
owner: finance
triggers:
  - schedule: {cron: "*/20 * * * *", name: often, overlap: skip, timezone: Europe/Berlin}
  - schedule: {cron: "0 18 * * *", name: evening, timezone: Europe/Berlin, missed: all}
  - folder: inbox
inputs: {file: {type: file, required: false}}
steps:
  - name: Look at each
    for_each: ${{ [1, 2] }}
    parallel:
      - name: Read it
        world.read: {value: a}
  - name: Only in March
    if: ${{ today.month == 3 }}
    group:
      - name: Post it
        world.post: {world: WORLD, value: b}
        effect: {key: b}
      - approve: {by: heads, message: may it be}
    on_error:
      - set: {a: 1}
"""


@pytest.fixture
def nightly(office: Office) -> Office:
    (office.folder / "inbox").mkdir()
    (office.folder / "workflows" / "nightly.yaml").write_text(NIGHTLY.replace("WORLD", str(office.world)))
    office.library.refresh()
    assert not office.library.problems, office.library.problems
    office.add_user("olga", "operator", "finance")
    office.add_user("vic", "viewer", "finance")
    return office


def scheduler_of(office: Office) -> Scheduler:
    from zoneinfo import ZoneInfo

    return Scheduler(office.engine, ZoneInfo("UTC"))


def test_a_schedule_shows_what_comes_what_came_of_the_last_and_what_was_missed(nightly: Office) -> None:
    scheduler = scheduler_of(nightly)
    scheduler.reload()
    nightly.clock.sleep(3 * 3600)  # nobody was there for nine of them; the last is made up
    scheduler.tick()
    with nightly.client("vic") as client:
        page = text_of(client.get("/workflows/nightly").text)
    assert "*/20 * * * * Europe/Berlin 8 missed in a week" in page
    assert "nightly/often · skips while the item before is at work; of the missed the last is made up" in page
    assert "Next Mon 2 Mar, 12:20 in 20 min Mon 2 Mar, 12:40" in page
    assert "Last Mon 2 Mar, 12:00 queued item Mon 2 Mar, 11:40 missed Mon 2 Mar, 11:20 missed" in page
    # 18:00 in Berlin is 17:00 where the viewer is.
    assert "0 18 * * * Europe/Berlin nightly/evening · waits while the item before is at work" in page
    assert "Mon 2 Mar, 17:00 in 5 h" in page
    assert "A file comes to inbox" in page


def test_overlaps_are_forecast_from_what_was_measured(nightly: Office) -> None:
    for _ in range(3):
        item = nightly.work("nightly")
        with nightly.database.write() as transaction:
            from engine.store import tables

            table, runs = tables.items, tables.runs
            ended = {"state": State.DONE, "finished": NOW + timedelta(minutes=30)}
            transaction.execute(table.update().where(table.c.id == item).values(**ended))
            transaction.execute(runs.update().where(runs.c.item == item).values(started=NOW))
    with nightly.client("vic") as client:
        page = text_of(client.get("/workflows/nightly").text)
    assert "an item takes 30 min" in page
    assert "skipped: the item before takes 10 min longer" in page


def test_a_trigger_is_paused_with_a_reason_and_resumed_with_what_was_missed(nightly: Office) -> None:
    scheduler_of(nightly).reload()
    with nightly.client("olga") as client:
        form = {"csrf": csrf_of(client.get("/workflows/nightly").text), "trigger": "nightly/evening"}
        answer = client.post("/workflows/nightly/triggers/pause", data=form | {"reason": "audit"})
        assert answer.headers["location"] == "/workflows/nightly#triggers"
        page = text_of(client.get("/workflows/nightly").text)
        assert "paused by olga: audit" in page
        assert "olga paused nightly/evening “audit”" in page
    nightly.clock.sleep(2 * 86400)
    with nightly.client("olga") as client:
        form["csrf"] = csrf_of(client.get("/workflows/nightly").text)
        answer = client.post("/workflows/nightly/triggers/resume", data=form | {"missed": "yes"})
        page = text_of(client.get(answer.headers["location"]).text)
        assert "It goes on. 1 item was made up." in page
        assert "paused by olga" not in page
        wrong = client.post("/workflows/nightly/triggers/pause", data=form | {"trigger": "nightly/evning"})
        assert wrong.status_code == 404
        assert "Nightly has no trigger nightly/evning." in text_of(wrong.text)
        # A folder and the queue have the same brake.
        client.post("/workflows/nightly/triggers/pause", data=form | {"trigger": "nightly/folder/inbox"})
        client.post("/workflows/nightly/pause", data=form | {"reason": "month end", "from": "page"})
        page = text_of(client.get("/workflows/nightly").text)
        assert "paused by olga: month end" in page
        assert "Resume nightly/folder/inbox" in page


def test_who_may_only_look_finds_no_brake(nightly: Office) -> None:
    with nightly.client("vic") as client:
        page = client.get("/workflows/nightly").text
        assert "Pause" not in page
        assert "Run now" not in page
        form = {"csrf": csrf_of(page), "trigger": "nightly/evening"}
        assert client.post("/workflows/nightly/triggers/pause", data=form).status_code == 403


def test_the_steps_are_drawn_with_their_branches_and_what_stands_at_each(nightly: Office) -> None:
    nightly.work("orders", n="50 lamps", fail="refused")
    with nightly.client("vic") as client:
        page = text_of(client.get("/workflows/nightly").text)
        orders = client.get("/workflows/orders").text
        assert "1 <span>stand here</span>" in orders
        assert "50 lamps" in client.get("/?assigned=all&workflow=orders&step=Place+the+order").text
        assert "50 lamps" not in client.get("/?assigned=all&workflow=orders&step=Sign+it+off").text
    assert "for each of [1, 2] Look at each parallel line" in page
    assert "at the same time Read it world.read" in page
    assert "only if today.month == 3 Only in March group" in page
    assert "Post it world.post line 20 changes something outside" in page
    assert "asks a person" in page
    assert "if it fails set set line" in page
