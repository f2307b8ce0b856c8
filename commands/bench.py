"""`bench`: the benchmarks, on this machine and this disk."""

from __future__ import annotations

from dataclasses import asdict

import click

from commands.session import Session, options


@click.command()
@click.argument("what", type=click.Choice(["engine"]))
@options
def bench(session: Session, what: str) -> None:
    """Measure WHAT. `engine`: what a step costs, against a bare call and against one commit on the same disk."""
    from benchmarks.engine import measure

    session.project.data.mkdir(parents=True, exist_ok=True)
    figures = measure(session.project.data)
    if session.as_json:
        for figure in figures:
            session.line(asdict(figure))
        return
    session.table(["figure", "value", "unit"], [(one.name, f"{one.value:,.3f}", one.unit) for one in figures], none="")
