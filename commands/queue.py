"""`queue ...`: the work items."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from commands.given import item_options
from commands.session import Session, options, shown
from commands.subcommands import Subcommands
from engine.errors import UsageError

if TYPE_CHECKING:
    from console.permissions import Permission
    from engine.store.database import Transaction

COLUMNS = {
    "item": "id",
    "workflow": "workflow",
    "key": "key",
    "state": "state",
    "step": "step",
    "code": "code",
    "created": "created",
    "due": "due",
}
TOLD_ONE_BY_ONE = 20
SHOWN = (
    *("id", "workflow", "key", "state", "step", "code", "message"),
    *("created", "due", "not_before", "finished", "worker", "parent"),
)
SPARE = ("key", "due", "created", "step")


@click.group(cls=Subcommands, no_args_is_help=True)
def queue() -> None:
    """See and steer the work items. An item is one unit of work; a queue holds those of one workflow."""


@queue.command("list")
@click.argument("workflow", required=False)
@click.option("--state", help="Only items in this state: ready, running, waiting, exception, failed, uncertain, done.")
@click.option("--limit", default=200, show_default=True, help="At most so many, the newest.")
@options
def list_items(session: Session, workflow: str | None, state: str | None, limit: int) -> None:
    """List the items, the oldest first."""
    from commands.wiring import open_store
    from engine.items import State
    from engine.nearest import listed
    from engine.store import tables
    from engine.store.database import rows

    if state is not None and state not in list(State):
        raise UsageError(f"there is no state {state}", advice=f"the states are {listed(State)}")
    table = tables.items
    query = table.select().order_by(table.c.id.desc()).limit(limit)
    for column, value in ((table.c.workflow, workflow), (table.c.state, state)):
        if value is not None:
            query = query.where(column == value)
    with open_store(session) as database, database.read() as transaction:
        found = rows(transaction, query)
        paused = rows(transaction, tables.queues.select().where(tables.queues.c.paused))
        told = [f"the queue {row['workflow']} is paused: {row['reason']}" for row in paused]
        told += _held_up(session, transaction, {row["workflow"] for row in found if row["state"] == State.READY})
    session.rows(COLUMNS, reversed(found), none="no items", spare=SPARE)
    for line in told:
        session.say(line)


def _held_up(session: Session, transaction: Transaction, workflows: set[str]) -> Iterator[str]:
    """Why items of these workflows are not begun: a connection rests, or no worker can do what they need."""
    from commands.registry import load_actions
    from engine.admission import needs_of, resting
    from engine.workflows import Library
    from scheduler.presence import unmet

    for one in resting(transaction):
        yield (
            f"the connection {one.connection} rests until {shown(one.until)}, {one.failures} failures in a row: "
            f"{one.reason}; `queue resume --connection {one.connection}` lets it go on"
        )
    if not workflows:
        return  # to load the actions takes longer than all the rest
    library = Library(session.project.workflow_folders, load_actions(session.project))
    needs = {flow: asked for flow, asked in needs_of(library).items() if flow in workflows}
    for flow, lack in unmet(transaction, needs, session.clock.now()).items():
        yield f"no worker is there that can do what {flow} needs: {', '.join(lack)}; start one with `worker --needs`"


@queue.command()
@click.argument("item")
@options
def show(session: Session, item: str) -> None:
    """Show one item: its inputs, its steps, its effects, its decisions, the items that it queued."""
    from commands.wiring import open_store
    from engine import acts, exceptions, items, ledger
    from engine.store import tables
    from engine.store.database import rows

    with open_store(session) as database, database.read() as transaction:
        row = items.get(transaction, item)
        steps = tables.steps
        journal = rows(transaction, steps.select().where(steps.c.run == row["run"]).order_by(steps.c.seq))
        effects = ledger.effects(transaction, item=item)
        decisions = exceptions.decisions(transaction, item)
        done_to = acts.of_item(transaction, item)
        children = items.children(transaction, item)
    if session.as_json:
        parts = {"steps": journal, "effects": effects, "decisions": decisions, "acts": done_to, "children": children}
        session.line(dict(row) | {name: [dict(one) for one in found] for name, found in parts.items()})
        return
    for name in SHOWN:
        if row[name] is not None:
            session.say(f"{name.replace('_', ' ') + ':':<10} {shown(row[name])}")
    for name, value in {**(row["inputs"] or {}), **(row["outputs"] or {})}.items():
        session.say(f"{name + ':':<10} {value.get('name') if isinstance(value, dict) and 'sha256' in value else value}")
    columns = {"step": "title", "action": "kind", "status": "status", "finished": "finished"}
    session.say("")
    session.rows(columns, journal, none="no step was done yet")
    if effects:
        session.say("")
        session.rows({"effect": "id", "action": "action", "key": "key", "status": "status"}, effects, none="")
    if decisions:
        session.say("")
        session.rows({"decision": "kind", "by": "person", "reason": "reason", "at": "made"}, decisions, none="")
    if done_to:
        session.say("")
        session.rows({"act": "kind", "by": "person", "text": "text", "at": "made"}, done_to, none="")
    if children:
        session.say("")
        session.rows({"child": "id", "workflow": "workflow", "key": "key", "state": "state"}, children, none="")


@queue.command()
@click.argument("workflow")
@item_options
@options
def add(session: Session, workflow: str, pairs: Sequence[str], rows: str | None) -> None:
    """Queue items of WORKFLOW for the workers, all or none; an item whose key is queued already is not queued again."""
    from commands.progress import counted
    from commands.run import files_of, find_workflow, new_items
    from commands.wiring import open_engine

    session.log()
    with open_engine(session, files_of(workflow)) as engine:
        flow = find_workflow(engine, workflow)
        with counted(session, "reading", None) as told:
            new = new_items(engine, flow, pairs, rows, told)
        with counted(session, "queueing", len(new)) as told:
            added = engine.add_all(new, told)
    if session.as_json:
        for one, (item, is_new) in zip(new, added, strict=True):
            session.line({"item": item, "key": one.key, "new": is_new})
        return
    if len(added) <= TOLD_ONE_BY_ONE:
        for item, is_new in added:
            session.say(f"{item}  {'queued' if is_new else 'was queued before'}")
        return
    queued = sum(is_new for _, is_new in added)
    session.say(f"{queued:,} queued, {len(added) - queued:,} were queued before")


@queue.command()
@click.argument("items", nargs=-1, required=True)
@options
def retry(session: Session, items: Sequence[str]) -> None:
    """Let ITEMS that stand with an exception go on from the step where they stopped."""
    from console.permissions import Permission
    from engine import exceptions

    def decide(transaction: Any, item: str, person: Any, now: Any) -> str:
        exceptions.retry(transaction, item, person, now)
        return "goes on"

    _each(session, items, decide, Permission.RETRY)


@queue.command()
@click.argument("items", nargs=-1, required=True)
@click.option("--reason", required=True, help="Why; kept with the item.")
@options
def skip(session: Session, items: Sequence[str], reason: str) -> None:
    """Close ITEMS as not needed: somebody did the work by hand, or it is void."""
    _close(session, items, "SKIPPED", reason)


@queue.command()
@click.argument("items", nargs=-1, required=True)
@click.option("--reason", required=True, help="Why; kept with the item.")
@options
def discard(session: Session, items: Sequence[str], reason: str) -> None:
    """Take ITEMS out of the queue: they should never have been there."""
    _close(session, items, "DISCARDED", reason)


@queue.command()
@click.argument("items", nargs=-1, required=True)
@click.option("--until", "text", required=True, help="A time such as 2026-03-31T17:00, or a span: 2 business hours.")
@click.option("--reason", default="", help="Why; kept with the item.")
@options
def postpone(session: Session, items: Sequence[str], text: str, reason: str) -> None:
    """Let ITEMS that are ready or put off not be begun before a time."""
    from console.permissions import Permission
    from engine import acts
    from engine import items as store
    from engine.item_times import spoken_moment

    until = spoken_moment(text, session.clock.now(), session.surroundings.calendar)

    def decide(transaction: Any, item: str, person: Any, now: Any) -> str:
        store.postpone(transaction, item, until, now)
        acts.note(transaction, acts.Did(person.name, "postponed", item, text=reason, data={"until": until}), now)
        return f"postponed until {shown(until)}"

    _each(session, items, decide, Permission.OPERATE)


def _close(session: Session, names: Sequence[str], code: str, reason: str) -> None:
    from console.permissions import Permission
    from engine import exceptions
    from engine import items as store
    from engine.items import State

    def decide(transaction: Any, item: str, person: Any, now: Any) -> str:
        store.close(transaction, item, State(code.lower()), now, code, f"{code.lower()} by {person.name}: {reason}")
        exceptions.close_for(transaction, item, now)
        return code.lower()

    _each(session, names, decide, Permission.OPERATE)


def _each(session: Session, names: Sequence[str], decide: Any, permission: Permission) -> None:
    """All of them or none: one wrong name changes nothing."""
    from commands.person import person_at_the_keyboard
    from commands.wiring import open_store

    with open_store(session) as database:
        with database.write() as transaction:
            person = person_at_the_keyboard(transaction, permission)
            told = [(name, decide(transaction, name, person, session.clock.now())) for name in names]
        for name, what in told:
            session.line({"item": name, "state": what}) if session.as_json else session.say(f"{name}  {what}")


@queue.command()
@click.argument("workflow")
@click.option("--reason", default="paused on the command line", show_default=True, help="Why; shown in the console.")
@options
def pause(session: Session, workflow: str, reason: str) -> None:
    """Take no further item of WORKFLOW; the one at hand is finished."""
    from commands.person import written_down
    from commands.wiring import open_engine
    from engine import items

    with open_engine(session) as engine:
        engine.library.get(workflow)
        with engine.database.write() as transaction:
            items.pause(transaction, workflow, reason)
            written_down(session, transaction, "paused", workflow, reason)
    session.line({"workflow": workflow, "paused": True}) if session.as_json else session.say(f"{workflow} is paused")


@queue.command()
@click.argument("workflow", required=False)
@click.option("--connection", help="Instead: use this connection again, which rests after failures.")
@options
def resume(session: Session, workflow: str | None, connection: str | None) -> None:
    """Take items of WORKFLOW again."""
    from commands.person import written_down
    from commands.wiring import open_engine
    from engine import admission, items

    if (workflow is None) == (connection is None):
        raise UsageError("queue resume takes a WORKFLOW or --connection", advice="`queue list` tells what is held up")
    with open_engine(session) as engine, engine.database.write() as transaction:
        if connection is not None:
            session.surroundings.connections.known(connection)
            admission.works(transaction, connection)
            written_down(session, transaction, "resumed", f"connection {connection}")
        elif workflow is not None:
            engine.library.get(workflow)
            items.resume(transaction, workflow)
            written_down(session, transaction, "resumed", workflow)
    told = {"workflow": workflow, "paused": False} if connection is None else {"connection": connection, "rests": False}
    session.line(told) if session.as_json else session.say(f"{workflow or connection} goes on")
