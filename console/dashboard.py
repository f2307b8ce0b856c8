"""The dashboard's filter, which lives in the address, and its tiles with their pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from urllib.parse import urlencode

from console.chart import Chart, chart
from engine.errors import UsageError
from engine.language import Workflow
from engine.measures import dashboard
from engine.measures.scope import Figures, Given, Scope, figures
from engine.measures.sums import Sums
from engine.measures.tiles import Tile
from engine.store.database import Transaction

PERIODS: Mapping[str, str] = {"7": "7 days", "30": "30 days", "90": "90 days", "365": "a year"}
USUAL = "30"
LONGEST = timedelta(days=731)


@dataclass(frozen=True, slots=True)
class DashboardFilter:
    """`days` counts back from today; `begin` and `end` (both or none) name days instead."""

    days: str = USUAL
    begin: str = ""
    end: str = ""
    workflow: str = ""
    team: str = ""
    vendor: str = ""

    def query(self, **changes: str) -> str:
        """The filter with some of it changed, as it stands in an address behind `?`."""
        told = replace(self, **{name: value for name, value in changes.items() if name != "after"})
        pairs = {name: getattr(told, name) for name in ("workflow", "team", "vendor")}
        period = {"from": told.begin, "to": told.end} if told.begin else {"days": told.days}
        if period == {"days": USUAL}:
            period = {}
        return urlencode({k: v for k, v in {**period, **pairs, "after": changes.get("after", "")}.items() if v})

    def place(self, key: str = "", **changes: str) -> str:
        query = self.query(**changes)
        return f"/dashboard{'/' + key if key else ''}" + (f"?{query}" if query else "")

    def scope(self, now: datetime, zone: tzinfo, flows: Sequence[Workflow]) -> Scope:
        """What is looked at. Days that make no sense fall back on what is usual."""
        today = now.astimezone(zone).date()
        last = _day(self.end) or today
        first = _day(self.begin) or today - timedelta(days=int(self.days) - 1)
        if not first <= last <= first + LONGEST:
            first, last = today - timedelta(days=int(USUAL) - 1), today
        names: tuple[str, ...] | None = None
        if self.workflow:
            names = (self.workflow,)
        if self.team:
            owned = {flow.id for flow in flows if flow.owner == self.team}
            names = tuple(sorted(owned & set(names))) if names is not None else tuple(sorted(owned))
        return Scope(first, last, names, self.vendor)


def filter_of(given: Mapping[str, str]) -> DashboardFilter:
    """The filter of an address; what is not understood in it is left out."""
    begin, end = given.get("from", ""), given.get("to", "")
    is_named = bool(_day(begin) and _day(end))
    days = given.get("days", USUAL)
    return DashboardFilter(
        days if days in PERIODS else USUAL,
        begin if is_named else "",
        end if is_named else "",
        *(given.get(name, "")[:200] for name in ("workflow", "team", "vendor")),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Card:
    """A tile with the picture of its trend."""

    tile: Tile
    chart: Chart | None


@dataclass(frozen=True, slots=True)
class Board:
    """All that the page shows. `groups` is in the order of the page; of `found` the sums are taken out."""

    found: Figures
    groups: Sequence[tuple[str, Sequence[Card]]]

    def tile(self, key: str) -> Tile:
        """UsageError where there is none."""
        for _, cards in self.groups:
            for card in cards:
                if card.tile.key == key:
                    return card.tile
        raise UsageError(f"there is no tile {key}", advice="choose one on the dashboard")


def read_board(transaction: Transaction, scope: Scope, zone: tzinfo, given: Given) -> Board:
    found = figures(transaction, scope, zone)
    cards = [Card(tile, chart(tile.trend)) for tile in dashboard.all_tiles(transaction, found, given)]
    groups = [(words, [card for card in cards if card.tile.group == name]) for name, words in dashboard.GROUPS.items()]
    # The times of single items are in the tiles now: a year of them is not kept.
    slim = replace(found, days={}, workflows=dict.fromkeys(found.workflows, Sums()), total=Sums())
    return Board(slim, [one for one in groups if one[1]])


def teams_of(flows: Sequence[Workflow]) -> list[str]:
    return sorted({flow.owner for flow in flows if flow.owner})
