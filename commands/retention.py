"""`retention ...`: what items held is forgotten when its time is over, or because a person asks for it."""

from __future__ import annotations

import click

from commands.session import Session, options
from commands.subcommands import Subcommands
from engine.errors import UsageError

COLUMNS = {"item": "id", "workflow": "workflow", "key": "key", "state": "state", "hold": "hold", "created": "created"}


@click.group(cls=Subcommands, no_args_is_help=True)
def retention() -> None:
    """Forget what items held. Keys, outcomes and times stay, so that nothing is ever done a second time."""


@retention.command()
@click.option("--dry-run", is_flag=True, help="Only tell how many items are old enough.")
@options
def run(session: Session, dry_run: bool) -> None:
    """Forget now what is old enough; a scheduler does so by itself, twice a day."""
    from commands.wiring import open_engine
    from engine.retention import due, forget_old, kept_by

    default = session.project.settings.retention.kept
    with open_engine(session) as engine:
        keep = kept_by(engine.library)
        now = engine.clock.now()
        if dry_run:
            with engine.database.read() as transaction:
                number = len(due(transaction, keep, default, now, 1_000_000))
            session.line({"due": number}) if session.as_json else session.say(f"{number} items are old enough")
            return
        done = forget_old(engine.database, engine.surroundings.artifacts, keep, default, now)
    if session.as_json:
        session.line({"items": done.items, "files": done.files})
        return
    session.say(f"forgot what {done.items} items held, and {done.files} files")


@retention.command()
@click.argument("name", metavar="ITEM|WORKFLOW")
@click.option("--reason", required=True, help="Why: who asks for it, and until when.")
@options
def hold(session: Session, name: str, reason: str) -> None:
    """Keep an item, or all items of a workflow, from being forgotten."""
    _hold(session, name, reason)
    session.line({"held": name}) if session.as_json else session.say(f"{name} is on hold")


@retention.command()
@click.argument("name", metavar="ITEM|WORKFLOW")
@options
def release(session: Session, name: str) -> None:
    """Take a hold away."""
    _hold(session, name, None)
    session.line({"released": name}) if session.as_json else session.say(f"{name} is on hold no more")


def _hold(session: Session, name: str, reason: str | None) -> None:
    from commands.person import written_down
    from commands.wiring import open_store
    from engine import retention as kept

    with open_store(session) as database, database.write() as transaction:
        kept.hold(transaction, name, reason)
        written_down(session, transaction, "held" if reason else "released", name, reason or "")


@retention.command()
@click.option("--value", required=True, help="A text that tells the person: a name, an address, a number.")
@click.option("--yes", is_flag=True, help="Do it; without, what would be forgotten is only listed.")
@options
def erase(session: Session, value: str, yes: bool) -> None:
    """Forget every closed item that holds a text, whatever its age, and what was learned from it.

    Keys stay, those of items and of the ledger: one that holds the text is told of. Backups made before hold it too.
    """
    from commands.person import written_down
    from commands.wiring import open_engine
    from engine.items import CLOSED
    from engine.retention import erase as erase_items
    from engine.retention import holding

    with open_engine(session) as engine:
        with engine.database.read() as transaction:
            found = holding(transaction, value)
        standing = [row for row in found if row["state"] not in CLOSED or row["hold"] is not None]
        if yes and standing:
            named = ", ".join(str(row["id"]) for row in standing[:5])
            message = f"{len(standing)} of {len(found)} items are open or on hold, such as {named}"
            raise UsageError(message, advice="close or release them first; nothing was forgotten")
        if not yes:
            session.rows(COLUMNS, found, none="no item holds this text")
            if found:
                session.say("nothing is forgotten yet; --yes does it")
            return
        done = erase_items(
            engine.database, engine.surroundings.artifacts, [str(row["id"]) for row in found], engine.clock.now()
        )
        with engine.database.write() as transaction:
            for row in found:
                written_down(session, transaction, "erased", f"{row['workflow']}/{row['id']}")
        keys = [str(row["key"]) for row in found if value in str(row["key"])]
    if session.as_json:
        session.line({"items": done.items, "files": done.files, "keys_that_hold_it": keys})
        return
    session.say(f"forgot what {done.items} items held, and {done.files} files")
    for key in keys:
        session.say(f"the key {key} stays, so that it is not done again; it holds the text")
