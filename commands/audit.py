"""`audit ...`: who did what, and whether nobody has changed what was written about it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from commands.session import Session, options
from commands.subcommands import Subcommands
from engine.errors import ExitCode

COLUMNS = {"number": "number", "at": "at", "person": "person", "origin": "origin", "act": "act", "about": "about"}


@click.group(cls=Subcommands, no_args_is_help=True)
def audit() -> None:
    """Who did what, and whether nobody has changed what was written."""


@audit.command("list")
@click.option("--person", default="", help="Only what this person did.")
@click.option("--act", default="", help="Only this: approve, corrected, paused, user, signed-in ...")
@click.option("--about", default="", help="Only what was done to this: an item, a workflow, a user; a part is enough.")
@click.option("--since", type=click.DateTime(), help="Only from this time on, UTC.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True, help="So many, the newest.")
@options
def list_lines(session: Session, person: str, act: str, about: str, since: datetime | None, limit: int) -> None:
    """List what was done, newest first."""
    from datetime import UTC

    from commands.wiring import open_store
    from engine.audit import lines_of

    since = since.replace(tzinfo=UTC) if since is not None else None
    with open_store(session) as database, database.read() as transaction:
        found = lines_of(transaction, person=person, act=act, about=about, since=since, limit=limit)
    session.rows({**COLUMNS, "text": "text"}, [dict(row) for row in found], none="nothing was written down yet")


@audit.command()
@click.option("--anchors", type=click.Path(dir_okay=False, path_type=Path), help="Hold it against this file instead.")
@options
def verify(session: Session, anchors: Path | None) -> int:
    """Go through the whole log; ends with 1 where something was edited, deleted, cut off or written anew."""
    from commands.wiring import AUDIT, open_store
    from engine.audit import anchors_in
    from engine.audit import verify as look

    held = anchors_in(anchors or session.project.anchors)
    with open_store(session) as database:
        verdict = look(database, session.surroundings.secrets.derived(AUDIT), held)
    for one in verdict.findings:
        told = {"number": one.number, "found": one.what, "expected": one.expected}
        if session.as_json:
            session.line(told)
        else:
            session.say(f"line {one.number}: {one.what}; expected {one.expected}")
    if verdict.findings:
        if not session.as_json:
            session.say("keep a copy of the store as it is, and compare it with a backup from before")
        return int(ExitCode.APPLICATION)
    if session.as_json:
        session.line({"lines": verdict.lines, "anchors": verdict.anchors, "holds": True})
    else:
        session.say(f"{verdict.lines} lines are as they were written; {verdict.anchors} anchors agree")
    return int(ExitCode.DONE)


@audit.command()
@click.option("--to", "file", type=click.Path(dir_okay=False, path_type=Path), help="To this file instead.")
@options
def anchor(session: Session, file: Path | None) -> None:
    """Write the head of the log to a file outside the store; a scheduler does so by itself."""
    from commands.wiring import open_store
    from engine.audit import anchor as write

    place = file or session.project.anchors
    with open_store(session) as database:
        made = write(database, place, session.clock.now())
    if session.as_json:
        session.line({"file": str(place), "number": made.number if made else None, "mac": made.mac if made else None})
        return
    session.say(f"line {made.number} is anchored in {place}: {made.mac}" if made else f"{place} has the head already")
