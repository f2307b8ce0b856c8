"""`token ...`: with what programs use the console."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import click

from commands.session import Session, options
from commands.subcommands import Subcommands

SCOPES = "see, decide, approve, retry, run, operate"


@click.group(cls=Subcommands, no_args_is_help=True)
def token() -> None:
    """Add, list and revoke tokens for programs."""


@token.command()
@click.argument("name")
@click.option("--user", help="Whose it is; without one it is a machine's.")
@click.option("--scope", "scopes", multiple=True, required=True, metavar="SCOPE", help=f"{SCOPES}; repeatable.")
@click.option("--team", "teams", multiple=True, metavar="TEAM", help="A team it acts for; repeatable.")
@click.option("--days", type=click.IntRange(1, 366), default=90, show_default=True, help="So long it is valid.")
@options
def add(session: Session, name: str, user: str | None, scopes: Sequence[str], teams: Sequence[str], days: int) -> None:
    """Make a token; it is shown once. It never has more than its owner has at the time of a call."""
    from commands.person import written_down
    from commands.wiring import open_store
    from console.api.tokens import add_token

    now = session.clock.now()
    with open_store(session) as database, database.write() as transaction:
        made = add_token(transaction, name, user, scopes, teams, timedelta(days=days), now)
        written_down(session, transaction, "token", name, f"added for {user or 'a machine'}: {', '.join(scopes)}")
    told = {"name": name, "user": user, "scopes": sorted(set(scopes)), "teams": sorted(set(teams))}
    if session.as_json:
        session.line({**told, "expires": now + timedelta(days=days), "token": made})
        return
    session.say(f"{name} is a token of {user or 'a machine'} for {days} days; it is shown this once:")
    session.say(made)


@token.command("list")
@options
def list_all(session: Session) -> None:
    """List the tokens, those that ended too."""
    from commands.wiring import open_store
    from console.api.tokens import list_tokens

    with open_store(session) as database, database.read() as transaction:
        found = list_tokens(transaction)
    columns = ("name", "user", "scopes", "teams", "created", "expires", "used", "revoked")
    if session.as_json:
        for row in found:
            session.line({column: row[column] for column in columns})
        return
    now = session.clock.now()
    lines = [
        (
            row["name"],
            row["user"] or "a machine",
            ", ".join(row["scopes"]),
            "revoked" if row["revoked"] else "expired" if row["expires"] <= now else f"{row['expires']:%Y-%m-%d}",
            f"{row['used']:%Y-%m-%d %H:%M}" if row["used"] else "never",
        )
        for row in found
    ]
    session.table(["token", "of", "scopes", "until", "used"], lines, none="no tokens; `token add NAME --scope see`")


@token.command()
@click.argument("name")
@options
def revoke(session: Session, name: str) -> None:
    """End a token at once; its name is not given again."""
    from commands.person import written_down
    from commands.wiring import open_store
    from console.api.tokens import revoke as end

    with open_store(session) as database, database.write() as transaction:
        end(transaction, name, session.clock.now())
        written_down(session, transaction, "token", name, "revoked")
    session.line({"name": name, "revoked": True}) if session.as_json else session.say(f"{name} opens nothing any more")
