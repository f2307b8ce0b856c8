"""One call of the command line: which project it is about, how it answers, and what it wires together when asked."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine.errors import ExitCode

if TYPE_CHECKING:
    from config.project import Project
    from config.surroundings import ProjectSurroundings
    from engine.clock import Clock
    from engine.scrub import Scrubber


@dataclass
class Session:
    """Made once for each call; commands get it as their first argument."""

    project_folder: str | None = None
    as_json: bool = False
    debug: bool = False

    @cached_property
    def clock(self) -> Clock:
        from engine.clock import SystemClock

        return SystemClock()

    @cached_property
    def project(self) -> Project:
        """The project to work in; ConfigurationError if it is named and is none, or its settings are wrong."""
        from config.project import find_project

        given = Path(self.project_folder) if self.project_folder else None
        return find_project(given, os.environ, Path.cwd())

    @cached_property
    def surroundings(self) -> ProjectSurroundings:
        from config.surroundings import surroundings_of

        return surroundings_of(self.project, os.environ, self.clock.now())

    @property
    def scrubber(self) -> Scrubber:
        """Masks the secrets that were handed out so far, without opening anything."""
        from engine.scrub import Scrubber

        return self.surroundings.scrubber if "surroundings" in self.__dict__ else Scrubber()

    def log(self, level: str = "WARNING", *, to_file: bool = True, told_elsewhere: Collection[str] = ()) -> None:
        """Begin to log: to standard error from `level` on, and all of it to the project's log folder."""
        from config.logging import set_up_logging

        folder = self.project.logs if to_file else None
        level = "DEBUG" if self.debug else level
        set_up_logging(
            self.surroundings.scrubber,
            level=level,
            folder=folder,
            keep_days=self.project.settings.retention.logs,
            most_megabytes=self.project.settings.retention.logs_size,
            told_elsewhere=told_elsewhere,
        )

    # -- answers ------------------------------------------------------------------------------------------------------

    def line(self, value: Any) -> None:
        """One JSON object on a line of its own, at once: whoever reads along must not wait for a buffer."""
        from engine.codec import plain

        click.echo(json.dumps(plain(value), default=_as_text, ensure_ascii=False))
        sys.stdout.flush()

    def say(self, text: str) -> None:
        """A sentence for people; nothing where a machine listens."""
        if not self.as_json:
            click.echo(printable(text))

    def table(
        self, columns: Sequence[str], lines: Iterable[Sequence[Any]], *, none: str, spare: Sequence[str] = ()
    ) -> None:
        """A table for people; `none` is said where there is no line.

        `spare` names the columns that are left out first, in this order, where the terminal is too narrow.
        """
        listed = [["" if cell is None else printable(str(cell)) for cell in line] for line in lines]
        if not listed:
            click.echo(none)
            return
        from rich.console import Console

        from commands.table import print_table

        # Without a terminal there is no width to fit in, and a cell that is wrapped cannot be searched for.
        console = Console(highlight=False) if sys.stdout.isatty() else Console(highlight=False, width=2000)
        print_table(console, columns, listed, spare)

    def rows(self, columns: dict[str, str], found: Iterable[Any], *, none: str, spare: Sequence[str] = ()) -> None:
        """The rows as JSON lines (all columns) or as a table; `columns` maps the heading to the row's name."""
        if self.as_json:
            for row in found:
                self.line(dict(row))
            return
        lines = ([shown(row[name]) for name in columns.values()] for row in found)
        self.table(list(columns), lines, none=none, spare=spare)

    def crash_folder(self) -> Path:
        """Where the report of an unexpected error goes; this must work even where the project is what failed."""
        try:
            return self.project.logs if self.project.data.is_dir() else Path(tempfile.gettempdir())
        except Exception:  # noqa: BLE001 - a second error here must not hide the first one
            return Path(tempfile.gettempdir())


def printable(text: str) -> str:
    """Control characters escaped, but for the end of a line: text from a document must not steer a terminal."""
    return "".join(letter if letter.isprintable() or letter == "\n" else repr(letter)[1:-1] for letter in text)


def _as_text(value: Any) -> str:
    """Dates and times in ISO form, amounts as decimal strings."""
    return str(value.isoformat()) if hasattr(value, "isoformat") else str(value)


def shown(value: Any) -> str:
    """A value of the store for people; times in the zone of this machine."""
    from datetime import datetime

    if isinstance(value, datetime):
        return value.astimezone().strftime("%Y-%m-%d %H:%M")
    return "" if value is None else str(value)


def options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that every command has, and the session as its first argument."""

    @click.option("--json", "as_json", is_flag=True, help="Answer in JSON, for machines.")
    @click.option("--project", metavar="DIR", help="The project folder.")
    @click.option("--debug", is_flag=True, help="Log everything and show the trace of an unexpected error.")
    @click.pass_obj
    @wraps(function)
    def command(session: Session, /, as_json: bool, project: str | None, debug: bool, **given: Any) -> Any:
        session.as_json = session.as_json or as_json
        session.project_folder = project or session.project_folder
        session.debug = session.debug or debug
        try:
            return function(session, **given)
        except BrokenPipeError:
            # Whoever read our output has seen enough. What is still buffered must not fail again at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return int(ExitCode.DONE)

    return command
