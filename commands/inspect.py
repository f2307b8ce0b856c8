"""`inspect`: what can be named on a page, with the words to write."""

from __future__ import annotations

from dataclasses import asdict
from urllib.parse import urlsplit

import click

from commands.session import Session, options
from engine.errors import ItemError, UsageError

SECONDS = 60.0


@click.command()
@click.argument("url")
@click.option("--connection", help="Sign in as this connection of the project says; URL may then be a path.")
@options
def inspect(session: Session, url: str, connection: str | None) -> None:
    """List what can be named on the page at URL: fields, buttons, links and tables, each with the words to write.

    Nothing is filled in or clicked, and requests that would change data are held back.
    """
    from bots.browser.connection import BrowserConnection
    from bots.browser.inspection import Inspection
    from bots.browser.inspection import inspect as look
    from bots.browser.step import open_session
    from commands.outside_run import OutsideRun

    if connection is None and urlsplit(url).scheme not in ("http", "https", "file"):
        raise UsageError(f"{url!r} is no address; expected http://... or https://..., or a path with --connection")
    session.log()
    with OutsideRun(session, "inspect", SECONDS) as context:
        place = urlsplit(url)
        settings = (
            context.connection(connection, BrowserConnection)
            if connection
            else BrowserConnection(base_url=f"{place.scheme}://{place.netloc}")
        )
        try:
            with open_session(settings, connection, True, context) as browser:
                browser.windows.open(url)
                found: Inspection = look(browser)
        except ItemError as error:
            raise UsageError(f"{error.message}", advice=error.advice) from error
    if session.as_json:
        session.line(asdict(found))
        return
    session.say(f"{found.title or 'a page without a title'}  {found.url}")
    rows = [
        (f"{one.verb}: {one.write}", one.role, one.name if one.others else "", _remark(one.others, one.closed))
        for one in found.things
    ]
    session.table(["write", "what it is", "called", "remark"], rows, none="There is nothing to fill in or to click")
    tables = [(f"table: {{rows: {one.write}}}", ", ".join(one.headers), one.rows) for one in found.tables]
    if tables:
        session.table(["write", "columns", "rows"], tables, none="")


def _remark(others: int, closed: bool) -> str:
    told = [f"{others} more of this name"] if others else []
    return ", ".join([*told, *(["closed now"] if closed else [])])
