"""`demo`: the main job on the bundled invoices, in a project folder of its own."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from commands.session import Session, options

if TYPE_CHECKING:
    from engine.work import Engine

TOLD = ("item.exception", "item.failed", "item.uncertain")
"""Events that the table tells, so that they need no line of the log."""


@click.command()
@click.option("--folder", default=".demo", show_default=True, type=click.Path(file_okay=False, path_type=Path))
@click.option("--no-serve", is_flag=True, help="End with the tables, without the console.")
@click.option("--sample", is_flag=True, help="Add a sample office: some hundred items of five departments.")
@options
def demo(session: Session, folder: Path, no_serve: bool, sample: bool) -> int:
    """Work the bundled invoices: into a real ERP, a web register and an Excel ledger; then open the console.

    The folder keeps everything: started again it goes on where it stood and books nothing twice. Remove it to begin
    anew.
    """
    from commands.progress import progress_of
    from commands.wiring import open_engine
    from demo.job import Wiring, run

    context = click.get_current_context()

    def open_project(root: Path) -> AbstractContextManager[Engine]:
        session.project_folder = str(root)
        session.log(told_elsewhere=TOLD)
        return open_engine(session)

    def serve(root: Path) -> object:
        from commands.processes import start

        return context.invoke(start, workers=None, no_console=False, project=str(root))

    wiring = Wiring(
        open_project, lambda engine, total: progress_of(session, engine, total), None if no_serve else serve
    )
    return run(folder, session, wiring, sample=sample)
