"""`secret set/list/rm`: write-only; there is no command that shows a value."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from commands.session import Session, options
from commands.subcommands import Subcommands


@click.group(cls=Subcommands, no_args_is_help=True)
def secret() -> None:
    """Set, list and remove the secrets that connections refer to as `{secret: name}`."""


@secret.command("set")
@click.argument("name")
@options
def set_secret(session: Session, name: str) -> None:
    """Set a secret; its value is asked for, or read from standard input when that is no terminal."""
    from config.secrets import SecretStore

    if sys.stdin.isatty():
        value = click.prompt(f"Value of {name}", hide_input=True, confirmation_prompt=True)
    else:
        value = sys.stdin.read().removesuffix("\n")
    SecretStore(session.project.data, os.environ).set(name, value)
    session.line({"secret": name, "set": True}) if session.as_json else session.say(f"secret {name} is set")


@secret.command("list")
@options
def list_secrets(session: Session) -> None:
    """List the names of all secrets, and which connections ask for them. Values are never shown."""
    store, asked = session.surroundings.secrets, session.surroundings.connections.secrets()
    found: list[dict[str, Any]] = [
        {"secret": name, "set": store.has(name), "connections": asked.get(name, [])}
        for name in sorted({*store.names(), *asked})
    ]
    if session.as_json:
        for one in found:
            session.line(one)
        return
    lines = [(one["secret"], "yes" if one["set"] else "NO", ", ".join(one["connections"])) for one in found]
    session.table(["secret", "set", "used by connections"], lines, none="no secret is set, and no connection needs one")


@secret.command("rm")
@click.argument("name")
@options
def remove_secret(session: Session, name: str) -> None:
    """Remove a secret."""
    from config.secrets import SecretStore

    SecretStore(session.project.data, os.environ).remove(name)
    session.line({"secret": name, "set": False}) if session.as_json else session.say(f"secret {name} is removed")
