"""A progress bar for people at a terminal, and nothing anywhere else."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from commands.session import Session
from engine.events import Event
from engine.work import Engine


@contextmanager
def progress_of(session: Session, engine: Engine, total: int) -> Iterator[Callable[[], None]]:
    """Shows how many of `total` items are through, and which step is at work; gives the function that counts one."""
    if session.as_json or not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(bar_width=30), MofNCompleteColumn())
    # At a terminal the bar makes room for what is answered; an answer that goes into a pipe must stay out of it.
    together = sys.stdout.isatty()
    with Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=together) as progress:
        task = progress.add_task("working", total=total)

        def show(event: Event) -> None:
            if event.name == "step.begun":
                progress.update(task, description=str(event.data.get("title", "")))

        engine.events.listen(show)
        yield lambda: progress.advance(task)


@contextmanager
def counted(session: Session, what: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """Shows how many things are through, of `total` where that is known; gives the function that counts more."""
    if session.as_json or not sys.stderr.isatty():
        yield lambda more: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(bar_width=30), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=total)
        yield lambda more: progress.advance(task, more)
