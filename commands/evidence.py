"""`evidence ...`: all that is kept of an item in one file, and whether such a file is as it was made."""

from __future__ import annotations

from pathlib import Path

import click

from commands.session import Session, options
from commands.subcommands import Subcommands
from engine.errors import ExitCode


@click.group(cls=Subcommands, no_args_is_help=True)
def evidence() -> None:
    """Hand all that is kept of an item to an auditor, in one file that cannot be changed unseen."""


@evidence.command()
@click.argument("item")
@click.option("--to", "file", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The zip to write.")
@options
def pack(session: Session, item: str, file: Path) -> None:
    """Write the evidence of ITEM: a page to read, the files behind it, and a manifest that is signed."""
    import getpass

    from commands.registry import load_actions
    from commands.wiring import open_store
    from console.evidence.index import index_page
    from console.evidence.pack import note_download, read_evidence, write_pack
    from console.pages import Pages
    from console.services import ConsoleServices
    from engine.workflows import Library

    registry = load_actions(session.project)
    with open_store(session) as database:
        services = ConsoleServices(
            database=database,
            artifacts=session.surroundings.artifacts,
            library=Library(session.project.workflow_folders, registry),
            registry=registry,
            clock=session.clock,
            scrubber=session.surroundings.scrubber,
            timezone=session.surroundings.timezone,
            sealing=session.surroundings.secrets,
        )
        now = session.clock.now()
        with database.read() as transaction:
            told = read_evidence(transaction, services, item)
        head = write_pack(told, services, index_page(Pages(services), told, services.timezone), file, now)
        with database.write() as transaction:
            note_download(transaction, getpass.getuser(), told, head, now)
    if session.as_json:
        session.line({"item": item, "file": str(file), "head": head})
    else:
        session.say(f"{file} has the evidence of {item}; open its index.html. Its hash is {head}")


@evidence.command()
@click.argument("file", type=click.Path(dir_okay=False, exists=True, path_type=Path))
@options
def verify(session: Session, file: Path) -> int:
    """Tell whether FILE is as it was made; ends with 1 where something was changed, taken out, added or swapped."""
    from console.evidence.pack import PURPOSE
    from console.evidence.verify import verify_pack

    verdict = verify_pack(file, session.surroundings.secrets.derived(PURPOSE))
    if session.as_json:
        told = {"item": verdict.item, "made": verdict.made, "files": verdict.files, "head": verdict.head}
        session.line({**told, "holds": not verdict.problems, "problems": verdict.problems})
    elif verdict.problems:
        for problem in verdict.problems:
            session.say(f"{file}: {problem}")
    else:
        session.say(f"{file} is as it was made at {verdict.made}: item {verdict.item}, {verdict.files} files")
    return int(ExitCode.APPLICATION if verdict.problems else ExitCode.DONE)
