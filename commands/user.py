"""`user ...`: who may sign in to the console."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from commands.session import Session, options
from commands.subcommands import Subcommands


@click.group(cls=Subcommands, no_args_is_help=True)
def user() -> None:
    """Add, list and remove the console's users."""


@user.command()
@click.argument("name")
@click.option(
    "--role", default="viewer", show_default=True, help="viewer, author, operator, supervisor, approver, admin."
)
@click.option("--team", "teams", multiple=True, metavar="TEAM", help="A team they are in; repeatable.")
@click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input; else they choose it by a link."
)
@options
def add(session: Session, name: str, role: str, teams: Sequence[str], password_stdin: bool) -> None:
    """Add a user. They choose their password through a link that works once, for a day."""
    from commands.person import written_down
    from commands.wiring import open_store
    from console.users import add_user, set_up_link

    password = sys.stdin.read().removesuffix("\n") if password_stdin else None
    now = session.clock.now()
    with open_store(session) as database, database.write() as transaction:
        add_user(transaction, name, password, role, teams, now)
        token = set_up_link(transaction, name, now) if password is None else None
        written_down(session, transaction, "user", name, f"added as {role}")
    told = {"user": name, "role": role, "teams": list(teams), "link": _link(session, token) if token else None}
    if session.as_json:
        session.line(told)
        return
    session.say(f"{name} is a user now, as {role}")
    if token:
        session.say(f"they choose their password here, once, within a day: {told['link']}")


@user.command("list")
@options
def list_all(session: Session) -> None:
    """List the users."""
    from commands.wiring import open_store
    from console.users import list_users

    with open_store(session) as database, database.read() as transaction:
        found = list_users(transaction)
    told = [
        {
            "user": row["name"],
            "role": row["role"],
            "teams": row["teams"],
            "can_sign_in": row["password"] is not None and not row["disabled"],
            "created": row["created"],
        }
        for row in found
    ]
    if session.as_json:
        for one in told:
            session.line(one)
        return
    lines = [(one["user"], one["role"], ", ".join(one["teams"]), "yes" if one["can_sign_in"] else "no") for one in told]
    session.table(
        ["user", "role", "teams", "can sign in"], lines, none="no users; `user add NAME --role admin` makes one"
    )


@user.command()
@click.argument("name")
@options
def link(session: Session, name: str) -> None:
    """Make a new link with which a user chooses a password; older links end."""
    from commands.person import written_down
    from commands.wiring import open_store
    from console.users import set_up_link

    with open_store(session) as database, database.write() as transaction:
        made = _link(session, set_up_link(transaction, name, session.clock.now()))
        written_down(session, transaction, "user", name, "given a new link")
    session.line({"user": name, "link": made}) if session.as_json else session.say(made)


@user.command("reset-second-factor")
@click.argument("name")
@options
def reset_second_factor(session: Session, name: str) -> None:
    """Take every second factor of a user away, who lost the telephone; what they have open ends."""
    from commands.person import written_down
    from commands.wiring import open_store
    from console.second_factor import reset
    from console.users import find_user

    with open_store(session) as database, database.write() as transaction:
        find_user(transaction, name)
        reset(transaction, name)
        written_down(session, transaction, "user", name, "second factor taken away")
    told = f"{name} signs in with the password alone now, and can add another second factor"
    session.line({"user": name, "reset": True}) if session.as_json else session.say(told)


@user.command("rm")
@click.argument("name")
@options
def remove(session: Session, name: str) -> None:
    """Remove a user; their sessions end at once, their decisions keep their name."""
    from commands.person import written_down
    from commands.wiring import open_store
    from console.users import remove_user

    with open_store(session) as database, database.write() as transaction:
        remove_user(transaction, name)
        written_down(session, transaction, "user", name, "removed")
    session.line({"user": name, "removed": True}) if session.as_json else session.say(f"{name} is no user any more")


def _link(session: Session, token: str) -> str:
    from commands.processes import address

    return f"{address(session)}/set-up/{token}"
