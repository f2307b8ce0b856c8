"""`effects ...`: the ledger of what was done outside."""

from __future__ import annotations

from dataclasses import asdict

import click

from commands.session import Session, options
from commands.subcommands import Subcommands
from engine.errors import UsageError

COLUMNS = {
    "effect": "id",
    "item": "item",
    "action": "action",
    "key": "key",
    "status": "status",
    "intended": "intended",
    "settled": "settled",
    "note": "note",
}
SPARE = ("effect", "settled", "intended", "item")


@click.group(cls=Subcommands, no_args_is_help=True)
def effects() -> None:
    """See the ledger of what was done outside; settle what is uncertain."""


@effects.command("list")
@click.option("--item", help="Only those of this item.")
@click.option("--workflow", help="Only those of this workflow.")
@click.option("--status", type=click.Choice(["intended", "done", "not_done", "uncertain"]), help="Only these.")
@options
def list_effects(session: Session, item: str | None, workflow: str | None, status: str | None) -> None:
    """List the ledger, the oldest first."""
    from commands.wiring import open_store
    from engine import ledger

    with open_store(session) as database, database.read() as transaction:
        found = ledger.effects(transaction, item=item, workflow=workflow, status=status)
    session.rows(COLUMNS, found, none="the ledger is empty", spare=SPARE)


@effects.command()
@click.argument("items", nargs=-1)
@click.option("--done", is_flag=True, help="You have looked: it was done.")
@click.option("--not-done", is_flag=True, help="You have looked: it was not done.")
@click.option("--result", "fields", metavar="NAME=VALUE", multiple=True, help="With --done: what the step gives.")
@options
def reconcile(session: Session, items: tuple[str, ...], done: bool, not_done: bool, fields: tuple[str, ...]) -> int:
    """Look up in the target systems what is uncertain, and let the items go on that this settles.

    Without ITEMS: all of them. With --done or --not-done you say yourself what one item's effect came to.
    """
    if done and not_done:
        raise UsageError("--done and --not-done were both given", advice="give one of them")
    if (done or not_done) and len(items) != 1:
        raise UsageError("--done and --not-done settle one item", advice="name the item you have looked up")
    if fields and not done:
        raise UsageError("--result was given without --done", advice="only what was done has a result")
    result = _fields(fields)
    from commands.person import person_at_the_keyboard
    from commands.run import exit_code
    from commands.wiring import open_engine
    from console.permissions import Permission
    from engine import exceptions

    session.log()
    with open_engine(session) as engine:
        now = session.clock.now()
        with engine.database.write() as transaction:
            person = person_at_the_keyboard(transaction, Permission.DECIDE)
            uncertain = [row["item"] for row in exceptions.open_exceptions(transaction, kind="uncertain", limit=10_000)]
            wanted = list(items) or uncertain
            for item in wanted:
                if done or not_done:
                    exceptions.settle(transaction, item, person, now, done=done, result=result)
                else:
                    exceptions.look_up_again(transaction, item, person, now)
        engine.work_until_idle(wanted)
        reports = [engine.report(item) for item in wanted]
    if session.as_json:
        for report in reports:
            session.line(asdict(report))
    else:
        lines = [(report.item, report.outcome, report.code, report.message) for report in reports]
        session.table(["item", "outcome", "code", "message"], lines, none="nothing is uncertain")
    return exit_code(reports)


def _fields(pairs: tuple[str, ...]) -> dict[str, str]:
    """The result's fields, as they would stand in the step's result: `--result id=4711` is `bill.id` in later steps."""
    result: dict[str, str] = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign or not name or name in result:
            raise UsageError(
                f"--result {pair!r} is not NAME=VALUE, each name once", advice="for example --result id=4711"
            )
        result[name] = value
    return result
