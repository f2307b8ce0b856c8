"""`exceptions ...`: the exception queue without the console. The rules are the engine's, the same as there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from commands.session import Session, options, shown
from commands.subcommands import Subcommands
from engine.errors import BusinessException, UsageError

if TYPE_CHECKING:
    from engine.exceptions import Person
    from engine.store.database import Transaction

GOES_ON = "goes on; a worker takes it up (`start`, or `worker --until-idle` here)"


@click.group(cls=Subcommands, no_args_is_help=True)
def exceptions() -> None:
    """Clear the exception queue without the console. NAME is the id of an exception or of its item."""


@exceptions.command("list")
@click.option("--workflow", help="Only those of this workflow.")
@click.option("--assigned", help="Only those of this team or person.")
@click.option("--kind", help="business, application, review, approval or uncertain.")
@options
def list_exceptions(session: Session, workflow: str | None, assigned: str | None, kind: str | None) -> None:
    """List what waits for a person, the oldest first."""
    from commands.wiring import open_store
    from engine.exceptions import open_exceptions

    with open_store(session) as database, database.read() as transaction:
        found = open_exceptions(transaction, workflow=workflow, assigned=assigned, kind=kind)
    columns = {"item": "item", "workflow": "workflow", "kind": "kind", "code": "code", "message": "message"}
    columns |= {"step": "step", "assigned": "assigned", "due": "due"}
    session.rows(columns, found, none="nothing waits for a person", spare=["workflow", "step", "due"])


@exceptions.command()
@click.argument("name")
@options
def show(session: Session, name: str) -> None:
    """Show one: the reason, the fields with their confidence, the decisions so far."""
    from commands.wiring import open_store
    from engine.exceptions import decisions, find
    from engine.store import tables
    from engine.store.database import one

    with open_store(session) as database, database.read() as transaction:
        row = find(transaction, name)
        path = str((row["details"] or {}).get("correctable") or row["path"])
        table = tables.steps
        step = one(transaction, table.select().where(table.c.run == row["run"], table.c.path == path))
        made = decisions(transaction, row["item"])
    result = step["result"] if step is not None and isinstance(step["result"], dict) else {}
    if session.as_json:
        session.line(dict(row) | {"result": result, "decisions": [dict(decision) for decision in made]})
        return
    for label in ("item", "workflow", "kind", "code", "message", "step", "assigned", "due", "created"):
        if row[label] is not None:
            session.say(f"{label + ':':<10} {shown(row[label])}")
    fields = result.get("fields") or {}
    lines = [(field, found.get("value"), found.get("confidence"), found.get("page")) for field, found in fields.items()]
    if lines:
        session.say("")
        session.table(["field", "value", "confidence", "page"], lines, none="")
    for field, value in ((row["details"] or {}).get("show") or {}).items():
        session.say(f"{field}: {value}")


@exceptions.command()
@click.argument("name")
@click.argument("fields", nargs=-1, required=True, metavar="FIELD=VALUE...")
@options
def correct(session: Session, name: str, fields: Sequence[str]) -> None:
    """Correct fields of what was read; the item goes on from there with the right values."""
    from engine import exceptions as queue

    corrections = dict(_field(text) for text in fields)
    try:
        kept = session.surroundings.artifacts
        _decide(
            session,
            name,
            "decide",
            lambda at, person, now: queue.correct(at, name, person, corrections, now, artifacts=kept),
        )
    except BusinessException as error:
        # A field that is not there, or a value of the wrong kind: what is wrong is the command line, not the item.
        raise UsageError(error.message, advice=error.advice) from error


def _field(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise UsageError(f"{text!r} is not FIELD=VALUE", advice="for example total=119.00")
    return name, value


@exceptions.command()
@click.argument("name")
@click.option("--reason", default="", help="A word for those who read it later.")
@click.option("--code", default="", help="Of your second factor, where the amount asks for it.")
@options
def approve(session: Session, name: str, reason: str, code: str) -> None:
    """Say yes: the values are right as they are, or the item may go on."""
    from engine import exceptions as queue

    kept = session.surroundings.artifacts

    def decide(transaction: Transaction, person: Person, now: datetime) -> None:
        _demand_second_factor(session, transaction, name, person.name, code, now)
        queue.approve(transaction, name, person, now, reason=reason, artifacts=kept)

    _decide(session, name, "approve", decide)


def _demand_second_factor(
    session: Session, transaction: Transaction, name: str, user: str, code: str, now: datetime
) -> None:
    """The rule of the console holds here too, for who is a user of it."""
    from commands.person import second_factor_rule
    from console.step_up import asks_for_second_factor, demand_code
    from engine.exceptions import find
    from engine.store import tables
    from engine.store.database import find as find_row

    if find_row(transaction, tables.users, name=user) is None:
        return
    exception = find(transaction, name)
    rule = second_factor_rule(session)
    asked = asks_for_second_factor(str(exception["kind"]), exception["details"] or {}, rule)
    if asked is not None:
        demand_code(transaction, session.surroundings.secrets, user, code, asked, now)


@exceptions.command()
@click.argument("name")
@click.option("--reason", required=True, help="Why; kept with the item.")
@options
def reject(session: Session, name: str, reason: str) -> None:
    """Say no: the item is closed."""
    from engine import exceptions as queue

    _decide(
        session,
        name,
        "approve",
        lambda open_, person, now: queue.reject(open_, name, person, now, reason=reason),
        "is rejected",
    )


@exceptions.command()
@click.argument("name", required=False)
@click.option("--workflow", help="Instead of NAME, with --code: all of this workflow that a retry can help.")
@click.option("--code", help="Those that stopped with this code.")
@click.option("--step", help="Those that stopped at the step with this title.")
@click.option("--canary", is_flag=True, help="One goes first; the others follow if it gets past the cause.")
@click.option("--preview", is_flag=True, help="Tell how many stand, and change nothing.")
@click.option("--wait", type=click.FloatRange(min=0), default=0.0, help="With --canary: seconds to wait for the first.")
@options
def retry(
    session: Session,
    name: str | None,
    workflow: str | None,
    code: str | None,
    step: str | None,
    canary: bool,
    preview: bool,
    wait: float,
) -> int:
    """Try the step again where it stopped, once the cause is mended: of NAME, or of all with one cause."""
    from commands.retry_group import Group, retry_group
    from engine import exceptions as queue

    if name is None and workflow is not None and code is not None:
        return retry_group(session, Group(workflow, code, step, canary, preview, wait))
    if name is None or any((workflow, code, step, canary, preview, wait)):
        raise UsageError("exceptions retry takes a NAME, or --workflow and --code", advice="see `exceptions list`")
    _decide(session, name, "retry", lambda open_, person, now: queue.retry(open_, name, person, now))
    return 0


@exceptions.command()
@click.argument("name")
@click.option("--note", default="", help="Why you take it over, where a colleague has it; they read it.")
@options
def claim(session: Session, name: str, note: str) -> None:
    """Take it: as long as you have it nobody else decides it."""
    from engine import holding

    _hold(session, name, lambda open_, person, now: holding.claim(open_, name, person, now, note=note), "is yours")


@exceptions.command()
@click.argument("name")
@options
def release(session: Session, name: str) -> None:
    """Let go what you have claimed."""
    from engine import holding

    _hold(session, name, lambda open_, person, now: holding.release(open_, name, person, now), "is free")


def _hold(session: Session, name: str, do: Any, what: str) -> None:
    from commands.person import person_at_the_keyboard
    from commands.wiring import open_store
    from console.permissions import Permission
    from engine.exceptions import find

    with open_store(session) as database, database.write() as transaction:
        person = person_at_the_keyboard(transaction, Permission.DECIDE)
        do(transaction, person, session.clock.now())
        row = find(transaction, name)
    if session.as_json:
        session.line({"item": row["item"], "exception": row["id"], "holder": row["holder"]})
        return
    session.say(f"{row['item']}  {what}")


def _decide(session: Session, name: str, permission: str, decide: Any, what: str = GOES_ON) -> None:
    """Take a decision under the rules of the console: the same permission, the same four eyes."""
    from commands.person import person_at_the_keyboard
    from commands.registry import load_actions
    from commands.wiring import open_store
    from console.permissions import Permission
    from engine import items
    from engine.exceptions import Kind, decisions, find

    load_actions(session.project)
    with open_store(session) as database:
        with database.write() as transaction:
            exception = find(transaction, name)
            item = exception["item"]
            if permission == Permission.APPROVE and exception["kind"] != Kind.APPROVAL:
                permission = Permission.DECIDE
            person = person_at_the_keyboard(transaction, Permission(permission))
            decide(transaction, person, session.clock.now())
            state = items.get(transaction, item)["state"]
            learned = decisions(transaction, item)[-1]["learned"]
        if session.as_json:
            session.line({"item": item, "state": state} | ({"learned": learned} if learned else {}))
            return
        session.say(f"{item}  {what}")
        if learned:
            session.say(learned)
