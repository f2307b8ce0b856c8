"""A report: the dashboard's tiles of some whole days, as lines for a chat and as a page for mail and paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from console.dashboard import Card, read_board
from console.pages import TEMPLATES
from engine.errors import ConfigurationError
from engine.measures.counting import Counted, keep_up
from engine.measures.scope import Given, Scope
from engine.nearest import suggestion
from engine.store.database import Database


@dataclass(frozen=True, slots=True)
class ReportText:
    title: str
    lines: Sequence[str]
    html: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a report shows: `tiles` in their order (none: all), of `days` whole days before the day it goes out."""

    name: str
    days: int
    tiles: Sequence[str] = ()
    workflows: Sequence[str] = ()
    vendor: str = ""


def write_report(
    database: Database, wanted: Wanted, at: datetime, now: datetime, zone: tzinfo, given: Given
) -> ReportText:
    """The report as of `at`, counted up to `now`; ConfigurationError where a tile is not known."""
    last = at.astimezone(zone).date() - timedelta(days=1)
    flows = tuple(wanted.workflows) or None
    scope = Scope(last - timedelta(days=wanted.days - 1), last, flows, wanted.vendor)
    keep_up(database, now, zone)
    with database.read() as transaction:
        board = read_board(transaction, scope, zone, given)
    cards = _chosen([card for _, cards in board.groups for card in cards], wanted)
    title = f"{wanted.name}: {scope.first} to {scope.last}"
    about = ", ".join([*wanted.workflows, *([wanted.vendor] if wanted.vendor else [])]) or "all workflows"
    fresh = _fresh(board.found.counted, zone)
    lines = [f"{about}; days of {zone}, {fresh}", *(_line(card) for card in cards)]
    return ReportText(title, lines, _page(title, about, fresh, str(zone), cards))


def _chosen(cards: Sequence[Card], wanted: Wanted) -> list[Card]:
    known = {card.tile.key: card for card in cards}
    for key in wanted.tiles:
        if key not in known:
            advice = suggestion(key, known, f"the tiles are {', '.join(known)}")
            raise ConfigurationError(f"the report {wanted.name} names a tile {key}, and there is none", advice=advice)
    return [known[key] for key in wanted.tiles] if wanted.tiles else list(cards)


def _fresh(counted: Counted, zone: tzinfo) -> str:
    moment = counted.moment
    return f"counted up to {moment.astimezone(zone):%Y-%m-%d %H:%M}" if moment is not None else "not counted yet"


def _line(card: Card) -> str:
    tile = card.tile
    if tile.missing:
        return f"{tile.title}: no figure. {tile.missing}"
    return f"{tile.title}: {tile.text} (n = {tile.n:,} {tile.of}{'; ' + tile.note if tile.note else ''})"


def _page(title: str, about: str, fresh: str, zone: str, cards: Sequence[Card]) -> str:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.get_template("report.html")
    return page.render(title=title, about=about, fresh=fresh, zone=zone, cards=cards)
