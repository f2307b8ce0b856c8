"""Reports go out when their time has come: once to each receiver, again until they are taken, on both stores."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from config.measures import Report
from connectors.notices.sending import Letter
from engine.clock import ManualClock
from engine.store import tables
from engine.store.database import Database, Row, rows
from scheduler.reports import Made, Reports
from scheduler.troubles import troubles
from tests.scheduler.test_alerts import Knows, WebHook

NOW = datetime(2026, 3, 2, 5, 59, tzinfo=UTC)  # a Monday; 06:59 in Berlin


@pytest.fixture
def slack() -> Iterator[WebHook]:
    with closing(WebHook()) as made:
        yield made


@pytest.fixture(autouse=True)
def migrated(store: Database) -> None:
    store.migrate()


def fleet(store: Database, slack: WebHook, clock: ManualClock, *to: str) -> Reports:
    report = Report(cron="0 7 * * mon", to=to or ("chat",))

    def make(name: str, _report: Report, at: datetime) -> Made:
        return Made(f"{name} of {at:%Y-%m-%d %H:%M}", ["a line"], Letter("<p>a line</p>"))

    return Reports(
        store,
        clock,
        {"weekly": report},
        Knows({"chat": {"system": "slack", "url": slack.url}}),
        ZoneInfo("Europe/Berlin"),
        make,
    )


def sent(store: Database) -> list[Row]:
    with store.read() as transaction:
        return rows(transaction, tables.reports_sent.select().order_by(tables.reports_sent.c.fire_time))


def beat(*reports: Reports) -> None:
    for one in reports:
        one.look()
    for one in reports:
        one.deliver()


def test_two_schedulers_send_each_firing_once(store: Database, slack: WebHook) -> None:
    clock = ManualClock(NOW)
    both = fleet(store, slack, clock), fleet(store, slack, clock)
    beat(*both)
    assert not sent(store), "a report that is new goes out from its next time on"
    clock.sleep(61)
    beat(*both)
    beat(*both)
    assert slack.titles == ["weekly of 2026-03-02 06:00"]
    clock.sleep(7 * 86400)
    beat(*both)
    assert slack.titles[1:] == ["weekly of 2026-03-09 06:00"] and len(sent(store)) == 2


def test_of_weeks_that_nobody_was_there_the_last_goes_out(store: Database, slack: WebHook) -> None:
    clock = ManualClock(NOW)
    beat(fleet(store, slack, clock))
    clock.sleep(22 * 86400)
    beat(fleet(store, slack, clock))
    assert slack.titles == ["weekly of 2026-03-23 06:00"]


def test_what_is_refused_is_tried_again_told_as_trouble_and_given_up_after_days(
    store: Database, slack: WebHook, tmp_path: Path
) -> None:
    clock = ManualClock(NOW)
    reports = fleet(store, slack, clock, "chat", "gone")
    beat(reports)
    clock.sleep(61)
    slack.refuses = True
    for _ in range(3):
        beat(reports)
        clock.sleep(3600)
    assert {(row["channel"], row["tries"], row["error"]) for row in sent(store)} == {
        ("chat", 3, "slack answered 503: not now"),
        ("gone", 3, "there is no connection gone"),
    }
    with store.read() as transaction:
        told = [one.message for one in troubles(transaction, clock.now(), tmp_path) if one.what == "schedule"]
    assert told == [
        "the report weekly is not taken by chat: slack answered 503: not now",
        "the report weekly is not taken by gone: there is no connection gone",
    ]
    slack.refuses = False
    beat(reports)
    assert slack.titles == ["weekly of 2026-03-02 06:00"]
    for _ in range(80):
        clock.sleep(3600)
        beat(reports)
    assert {(row["channel"], row["next_try"]) for row in sent(store)} == {("chat", None), ("gone", None)}
    assert slack.titles == ["weekly of 2026-03-02 06:00"]
