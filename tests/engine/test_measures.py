"""The figures of the dashboard, against small offices that are counted by hand; on both stores."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engine.errors import UsageError
from engine.ids import earlier, new_id
from engine.measures import dashboard
from engine.measures.attention import beat
from engine.measures.counting import counted, forget_vendors, keep_up, rebuild
from engine.measures.dashboard import all_tiles, sheet
from engine.measures.samples import Share, checked, keep_check, next_sample
from engine.measures.scope import Figures, Given, Scope, figures, vendors
from engine.measures.sums import by_day, of_row, percentile
from engine.measures.tiles import Tile
from engine.store import tables
from engine.store.database import Database, Row, change, rows

ZONE = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
MARCH = Scope(date(2026, 3, 1), date(2026, 3, 31))
HOURS = 30 * 24 + 14 - 1
"""From midnight in Berlin to 14:00 on the last day; the clocks went an hour forward on the 29th."""
GIVEN = Given(
    minutes={"bills": 6.0},
    currency="EUR",
    hour=40.0,
    month=30.4375,
    rework=0.0,
    upkeep=0.0,
    payslips=("slips",),
    queries=("asks",),
    payments=("bills",),
)


class Small:
    """`item(...)` puts an item into the store as an engine would have left it."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def item(
        self,
        workflow: str = "bills",
        *,
        day: int = 2,
        minutes: int | None = 30,
        state: str = "done",
        due: datetime | None = None,
        vendor: str = "Acme",
        started: bool = True,
        raised: tuple[str, ...] = (),
        decided: tuple[str, ...] = (),
        seconds: float = 0,
        document: str | None = None,
        **decision: Any,
    ) -> str:
        created = datetime(2026, 3, day, 9, 0, tzinfo=UTC)
        closed = created + timedelta(minutes=minutes) if minutes is not None else None
        item, run = new_id("item"), new_id("run")
        is_closed = closed is not None
        with self.database.write() as tx:
            values = {"id": item, "workflow": workflow, "key": item, "state": state if is_closed else "exception"}
            values |= {"priority": 0, "inputs": {"vendor": vendor}, "created": created, "due": due, "claim": 1}
            tx.execute(tables.items.insert().values(**values, run=run, finished=closed, outputs={"total": 7}))
            if started:
                kept = {"id": run, "item": item, "workflow": workflow, "digest": "d", "started": created}
                tx.execute(tables.runs.insert().values(**kept, finished=closed))
            if document:
                result = {"type": document, "fields": {"seller.name": {"value": vendor}, "total": {"value": 7}}}
                step = {"run": run, "path": "steps.0", "seq": 1, "kind": "document.read", "title": "Read"}
                tx.execute(tables.steps.insert().values(**step, status="done", result=result, started=created))
            if seconds:
                told = {"item": item, "person": "ada", "seconds": seconds, "last": created}
                tx.execute(tables.focus.insert().values(**told))
        for kind in raised:
            self.exception(item, run, workflow, kind, created)
        for kind in decided:
            self.decision(item, kind, created, **decision)
        return item

    def exception(self, item: str, run: str, workflow: str, kind: str, at: datetime, **more: Any) -> str:
        name = new_id("exc")
        values = {"id": name, "item": item, "run": run, "workflow": workflow, "kind": kind, "code": "X"}
        values |= {"message": "m", "path": "steps.0", "step": "s", "fingerprint": "f", "created": at, **more}
        with self.database.write() as tx:
            tx.execute(tables.exceptions.insert().values(**values))
        return name

    def decision(self, item: str, kind: str, at: datetime, **more: Any) -> None:
        values = {"id": new_id("dec"), "exception": "exc", "item": item, "person": "ada", "kind": kind}
        values |= {"seen": "hash", "reason": "because", "made": at, **more}
        with self.database.write() as tx:
            tx.execute(tables.decisions.insert().values(**values))

    def figures(self, scope: Scope = MARCH, now: datetime = NOW) -> Figures:
        assert keep_up(self.database, now, ZONE)
        with self.database.read() as tx:
            return figures(tx, scope, ZONE)

    def tiles(self, scope: Scope = MARCH, given: Given = GIVEN) -> dict[str, Tile]:
        found = self.figures(scope)
        with self.database.read() as tx:
            return {tile.key: tile for tile in all_tiles(tx, found, given)}

    def sums(self) -> list[Row]:
        with self.database.read() as tx:
            return rows(tx, tables.daily.select().order_by(tables.daily.c.workflow, tables.daily.c.day))


@pytest.fixture
def small(database: Database) -> Small:
    return Small(database)


def office(small: Small) -> Small:
    """Eight bills, two payslips, one customer's question. Every figure below was counted from this by hand."""
    in_time, late, later = (datetime(2026, 3, day, 9, 0, tzinfo=UTC) for day in (30, 2, 31))
    small.item(minutes=10, due=in_time, document="invoice")
    small.item(minutes=20, due=in_time, document="invoice", vendor="Bolt")
    small.item(minutes=30, due=late, raised=("review",), decided=("correct",), seconds=90)
    small.item(minutes=40, due=late, raised=("approval",), decided=("approve",), seconds=30, day=3)
    small.item(minutes=50, state="rejected", raised=("business",), decided=("reject",), day=30)
    small.item(minutes=None, due=late, raised=("application",), day=30)
    small.item(minutes=None, due=later + timedelta(hours=9), raised=("uncertain",), day=31)
    small.item(minutes=None, started=False, day=31)
    small.item("slips", minutes=5)
    small.item("slips", minutes=5, raised=("review",), decided=("correct",))
    small.item("asks", minutes=60, day=31)
    return small


EXPECTED: dict[str, tuple[float, int, str]] = {
    "throughput": (7 / HOURS, 7, "done items"),
    "straight-through": (4 / 8, 8, "closed items"),
    # 3rd bill, rejected one, failed one, uncertain one, 2nd payslip; the approval is none. 10 of 11 were begun.
    "exception-rate": (5 / 10, 10, "started items"),
    "cycle-p50": (20 * 60_000, 8, "closed items"),
    "cycle-p95": (60 * 60_000, 8, "closed items"),
    "invoice-time": (10 * 60_000, 2, "closed invoices"),
    "reliability": (8 / 10, 10, "started items"),
    "uncertain": (1 / 10, 10, "started items"),
    # Two in time, two late, one open and late; the one that is due tonight does not count yet.
    "sla": (2 / 5, 5, "due items"),
    "backlog": (3 / (8 / (HOURS / 24)), 3, "open items now"),
    "handling": (60_000, 2, "closed items looked at"),
    "payroll": (1 / 2, 2, "issued payslips"),
    "hours-saved": ((4 * 6 - 2) / 60, 5, "closed items with a baseline"),
    "queries": (1 * 1000 / 7, 1, "queries"),
    "paid-in-time": (2 / 5, 5, "due payments"),
}


@pytest.mark.parametrize("rebuilt", [False, True], ids=["kept-up", "rebuilt"])
def test_each_figure_is_what_was_counted_by_hand(small: Small, rebuilt: bool) -> None:
    office(small)
    if rebuilt:
        rebuild(small.database, NOW, ZONE)
    found = small.tiles()
    told = {key: (found[key].value, found[key].n, found[key].of) for key in EXPECTED}
    assert told == {key: (pytest.approx(value), n, of) for key, (value, n, of) in EXPECTED.items()}
    cost = HOURS / 24
    assert found["roi"].value == pytest.approx(((22 / 60) * 40 - cost) / cost)
    assert found["sla"].note == "1 of them still open"
    assert {key for key, tile in found.items() if tile.missing} == {"accuracy", "silent", "doubled"}


def test_the_lines_behind_a_tile_add_up_to_it(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    office(small)
    monkeypatch.setattr(dashboard, "PAGE", 3)
    found, tiles = small.figures(), small.tiles()
    for key in [*EXPECTED, "roi"]:
        lines: list[Any] = []
        after: str | None = ""
        while after is not None:
            with small.database.read() as tx:
                page = sheet(tx, key, found, GIVEN, after)
            lines += page.lines
            after = page.after
        tile, counting = tiles[key], sum(line["counts"] for line in lines)
        assert len(lines) == page.n == tile.n, key
        assert page.counting in (None, counting), key
        values = [line["value"] for line in lines]
        again = {
            "throughput": lambda lines=lines: len(lines) / found.hours,
            "backlog": lambda lines=lines: len(lines) / (found.total.closed / found.hours * 24),
            "cycle-p50": lambda values=values: percentile(values, 50),
            "cycle-p95": lambda values=values: percentile(values, 95),
            "invoice-time": lambda values=values: percentile(values, 50),
            "handling": lambda values=values: sum(values) / len(values),
            "hours-saved": lambda values=values: sum(values) / 60,
            "roi": lambda values=values: (sum(values) / 60 * 40 - HOURS / 24) / (HOURS / 24),
            "queries": lambda lines=lines: len(lines) * 1000 / 7,
        }.get(key, lambda counting=counting, lines=lines: counting / len(lines))
        assert tile.value == pytest.approx(again()), key
    with small.database.read() as tx, pytest.raises(UsageError, match="there is no tile luck"):
        sheet(tx, "luck", found, GIVEN)


def test_what_changes_is_in_the_figures_the_next_time_and_equals_the_plain_formula(small: Small) -> None:
    item = small.item(minutes=None, raised=("business",), day=30)
    other = small.item(minutes=None, started=False, day=30)
    assert small.figures().open == 2
    later = NOW + timedelta(minutes=5)
    with small.database.write() as tx:
        change(tx, tables.items, {"id": item}, state="done", finished=later)
        values = {"id": new_id("run"), "item": other, "workflow": "bills", "digest": "d", "started": later}
        tx.execute(tables.runs.insert().values(**values))
        beat(tx, item, "ada", later)
        beat(tx, item, "ada", later + timedelta(seconds=20))
    small.decision(item, "retry", later)
    new = small.item(day=31)
    found = small.figures(now=later + timedelta(minutes=1))
    assert (found.open, found.total.started, found.total.done, found.total.straight) == (1, 3, 2, 1)
    assert found.total.handling == [20_000]
    # An end that is taken back within the hour.
    with small.database.write() as tx:
        change(tx, tables.items, {"id": item}, state="exception", finished=None)
    assert small.figures(now=later + timedelta(minutes=40)).open == 2
    kept = small.sums()
    with small.database.read() as tx:
        lines = rows(tx, tables.measured.select())
    assert {row["day"]: of_row(row) for row in kept} == by_day(lines)
    rebuild(small.database, later + timedelta(minutes=41), ZONE)
    assert small.sums() == kept and new


def test_counting_goes_on_where_it_stopped(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.measures.counting.PORTION", 2)
    for _ in range(5):
        small.item()
    assert not keep_up(small.database, NOW, ZONE, most=2)
    with small.database.read() as tx:
        assert not counted(tx).whole
        assert figures(tx, MARCH, ZONE).total.done == 2
    assert small.figures().total.done == 5


def test_another_time_zone_of_the_office_begins_anew(small: Small) -> None:
    late = small.item(day=31, minutes=14 * 60)
    assert small.figures().total.done == 0, "it was closed at one o'clock of the next day in Berlin"
    assert keep_up(small.database, NOW, ZoneInfo("America/New_York"))
    with small.database.read() as tx:
        assert figures(tx, MARCH, ZoneInfo("America/New_York")).total.done == 1 and late


def test_a_vendor_and_workflows_cut_the_figures_down(small: Small) -> None:
    office(small)
    assert small.figures(Scope(MARCH.first, MARCH.last, None, "Bolt")).total.cycles == [20 * 60_000]
    assert small.figures(Scope(MARCH.first, MARCH.last, ("slips",))).total.done == 2
    assert small.figures(Scope(date(2026, 3, 3), date(2026, 3, 3))).total.done == 1
    with small.database.read() as tx:
        assert vendors(tx, None) == ["Acme", "Bolt"]
    bolt = small.tiles(Scope(MARCH.first, MARCH.last, None, "Bolt"))
    assert bolt["straight-through"].value == 1.0 and bolt["sla"].n == 1


def test_where_nothing_is_said_a_tile_says_what_is_missing(small: Small) -> None:
    small.item()
    found = small.tiles(given=Given())
    for key, words in {
        "hours-saved": "No baseline. Say how many minutes an item takes by hand: `minutes: {WORKFLOW: 6}`",
        "roi": "No baseline.",
        "payroll": "Say which workflows issue payslips",
        "queries": "Say whose items are customers' queries",
        "paid-in-time": "Say which workflows pay",
        "accuracy": "Nothing was checked in this period.",
        "handling": "Nobody looked at an item that was closed",
        "sla": "Nothing was due in this period.",
        "compliance": "No control applies",
    }.items():
        assert found[key].missing.startswith(words) and found[key].text == "–", key
    found = small.tiles(given=Given(minutes={"bills": 6.0}))
    assert found["hours-saved"].missing.startswith("Say the hours of people a month for rework and upkeep")
    found = small.tiles(given=Given(minutes={"bills": 6.0}, rework=0, upkeep=0))
    assert found["hours-saved"].value == pytest.approx(0.1)
    assert found["roi"].missing.startswith("Say what an hour of a person and a month of Clerkwork cost")
    empty = small.tiles(Scope(date(2026, 1, 1), date(2026, 1, 31)))
    assert empty["straight-through"].missing == "No closed items in this period."


def test_samples_are_drawn_by_chance_and_tell_how_right_the_fields_are(small: Small) -> None:
    made = [small.item(document="invoice") for _ in range(4)]
    touched = small.item(document="invoice", vendor="Bolt", decided=("correct",))
    small.figures()
    drawn = []
    for turn in range(5):
        with small.database.write() as tx:
            item = next_sample(tx, MARCH)
            assert item is not None
            drawn.append(item)
            keep_check(tx, item, "ada", {"total": turn != 1, "number": True}, NOW, doubled=turn == 2)
    assert sorted(drawn) == sorted([*made, touched]) and drawn != sorted(drawn)
    with small.database.read() as tx:
        assert next_sample(tx, MARCH) is None
        told = checked(tx, MARCH)
    assert (told.fields.right, told.fields.n, told.items.right, told.items.n) == (9, 10, 4, 5)
    assert {(one.field, one.vendor, one.share.n) for one in told.by_field} == {
        ("total", "Acme", 4),
        ("number", "Acme", 4),
        ("total", "Bolt", 1),
        ("number", "Bolt", 1),
    }
    tiles = small.tiles()
    wrong = int(drawn[1] != touched)
    assert tiles["accuracy"].value == pytest.approx(0.9) and tiles["doubled"].value == pytest.approx(0.2)
    assert (tiles["silent"].value, tiles["silent"].n) == (pytest.approx(wrong / 4), 4)
    with small.database.write() as tx, pytest.raises(UsageError, match="was checked already"):
        keep_check(tx, drawn[0], "ben", {}, NOW, doubled=False)
    standing = small.item(minutes=None)
    small.figures()
    with small.database.write() as tx, pytest.raises(UsageError, match="is not closed"):
        keep_check(tx, standing, "ben", {}, NOW, doubled=False)


@pytest.mark.parametrize(
    ("right", "n", "low", "high"),
    [(9, 10, 0.5958, 0.9821), (10, 10, 0.7225, 1.0), (0, 10, 0.0, 0.2775), (950, 1000, 0.9347, 0.9619)],
)
def test_the_interval_is_wilsons(right: int, n: int, low: float, high: float) -> None:
    found = Share(right, n)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def test_attention_is_cut_where_nobody_was_there(small: Small) -> None:
    told = []
    with small.database.write() as tx:
        for second in (0, 15, 30, 89, 200, 215, 210):
            told.append(beat(tx, "item", "ada", NOW + timedelta(seconds=second)))
        told.append(beat(tx, "item", "ben", NOW))
    assert told == [0, 15, 30, 89, 89, 104, 104, 0]


def test_controls_name_the_items_that_broke_them(small: Small) -> None:
    good = small.item(raised=("business",), decided=("reject",), state="rejected")
    bad = small.item(decided=("reject",), state="rejected", seen="", reason=" ")
    small.item(state="rejected")
    own = small.item(decided=("correct",))
    name = small.exception(own, "run", "bills", "approval", NOW, details={"not": "corrector"})
    small.decision(own, "approve", NOW, exception=name)
    with small.database.write() as tx:
        values = {"id": new_id("eff"), "scope": "s", "key": "k", "item": good, "run": "r", "path": "p"}
        values |= {"workflow": "bills", "action": "a", "kind": "post", "status": "uncertain"}
        tx.execute(tables.effects.insert().values(**values, intended=NOW - timedelta(days=8)))
    found = small.figures()
    with small.database.read() as tx:
        told = {one.name.split()[1]: one for one in dashboard.tried(tx, found)}
    assert [(key, one.cases, len(one.against)) for key, one in told.items()] == [
        ("decision", 4, 1),
        ("rejection", 2, 1),
        ("four", 1, 1),
        ("rejected", 3, 1),
        ("effect", 1, 1),
    ]
    assert told["decision"].against == told["rejection"].against == (bad,)
    assert told["four"].against == (own,) and told["effect"].result == "broken 1 times"
    tile = small.tiles()["compliance"]
    assert (tile.value, tile.n) == (0.0, 5)


def test_the_name_of_a_vendor_is_forgotten_with_the_item_and_the_figures_stay(small: Small) -> None:
    item = small.item()
    small.figures()
    with small.database.write() as tx:
        keep_check(tx, item, "ada", {"total": True}, NOW, doubled=False)
        forget_vendors(tx, [item])
        assert vendors(tx, None) == []
    assert small.tiles()["accuracy"].n == 1


def test_a_trend_has_a_point_for_each_day_or_week_and_none_for_days_to_come(small: Small) -> None:
    office(small)
    days = small.tiles(Scope(date(2026, 3, 1), date(2026, 4, 5)))["throughput"].trend
    assert len(days) == 31 and [point.value for point in days if point.value] == [5.0, 1.0, 1.0]
    weeks = small.tiles(Scope(date(2025, 4, 1), date(2026, 3, 31)))["throughput"].trend
    assert len(weeks) == 53 and sum(point.value or 0 for point in weeks) == 7
    late = {point.name: point.value for point in small.tiles()["sla"].trend if point.value is not None}
    assert late == {"2026-03-02": 0.0, "2026-03-30": 1.0}, "two closed late and one open; what is due today is open"
    stands = small.tiles()["backlog"].trend
    assert [stands[0].value, stands[1].value, stands[-1].value] == [0.0, 0.0, 3.0]


def test_an_id_can_be_set_back() -> None:
    before, after = new_id("item"), new_id("item")
    assert earlier(after, timedelta()) == after
    assert earlier(after, timedelta(seconds=9)) < before < after
    assert earlier("item_1", timedelta(seconds=9)) == "item_1"
