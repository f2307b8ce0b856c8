"""`replay RUN`: the evidence of a run, step by step, as one HTML file that needs nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from commands.session import Session, options


@click.command()
@click.argument("run")
@click.option(
    "-o", "--out", type=click.Path(dir_okay=False, path_type=Path), help="The file; default: replay-RUN.html."
)
@options
def replay(session: Session, run: str, out: Path | None) -> None:
    """Write what a run did, step by step, into one HTML file: pages, verbs, values, timing. RUN may be an item, too.

    Secrets were masked when the evidence was kept. Open the file in any browser; the arrow keys go through it.
    """
    from commands.wiring import open_store
    from console.replay import ending, replay_of
    from console.timeline import read_timeline

    with open_store(session) as database, database.read() as transaction:
        name = _run_of(transaction, run)
        timeline = read_timeline(transaction, name, session.clock.now())
    page, steps = replay_of(timeline, session.surroundings.artifacts)
    out = out or Path(f"replay-{name}.html")
    out.write_text(page, encoding="utf-8")
    if session.as_json:
        session.line({"run": name, "file": str(out), "steps": steps})
    else:
        session.say(f"{out}: {steps} steps of {timeline.item['workflow']}, {ending(timeline)}")


def _run_of(transaction: Any, name: str) -> str:
    """The run itself, or the last run of an item."""
    from engine.store import tables
    from engine.store.database import rows

    of_item = rows(transaction, tables.runs.select().where(tables.runs.c.item == name).order_by(tables.runs.c.started))
    return str(of_item[-1]["id"]) if of_item else name
