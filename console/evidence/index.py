"""The readable page of an evidence pack: it opens from disk, needs no script and no network, and prints."""

from __future__ import annotations

from datetime import datetime, tzinfo

from console.evidence.pack import Told
from console.pages import Pages
from engine.journal import Entry


def index_page(pages: Pages, told: Told, zone: tzinfo) -> str:
    """The page, its times in this zone."""

    def at(moment: datetime) -> str:
        return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")

    def took(entry: Entry) -> str:
        return f"{(entry.finished - entry.started).total_seconds():.1f} s" if entry.finished else "–"

    page = pages.environment.get_template("evidence.html")
    return page.render(told=told, at=at, took=took, zone=str(zone))
