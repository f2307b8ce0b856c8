"""`check`: all problems of all workflow files at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from commands.session import Session, options
from engine.errors import ExitCode, Problem


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH...]")
@options
def check(session: Session, paths: Sequence[str]) -> int:
    """Find all problems of workflow files, or of the files in folders; without PATH, of the whole project.

    Each problem says file:line:column, what was found, what was expected, what to do. Warnings do not fail.
    """
    from commands.registry import load_actions
    from engine.check import check_files
    from engine.workflow_test import ENDS, check_tests, files_of_tests
    from engine.workflows import workflow_files

    if not (paths or any(folder.is_dir() for folder in session.project.workflow_folders)):
        session.project.expected()
    places = [Path(path) for path in paths] or [near(folder) for folder in session.project.workflow_folders]
    connections = session.surroundings.connections.names() if session.project.connections_file.is_file() else None
    registry = load_actions(session.project)
    workflows = [place for place in places if not place.name.endswith(ENDS)]
    problems = [
        *check_files(workflows, registry, connections, _calendar_problem(session)),
        *check_tests(places, registry),
    ]
    for problem in problems:
        _tell(session, problem)
    errors = sum(problem.severity == "error" for problem in problems)
    tests = files_of_tests(place for place in places if place.is_dir() or place.name.endswith(ENDS))
    files = len({*workflow_files(workflows), *tests})
    session.say(f"{_count(files, 'file')}, {_count(errors, 'error')}, {_count(len(problems) - errors, 'warning')}")
    return int(ExitCode.USAGE if errors else ExitCode.DONE)


def _calendar_problem(session: Session) -> Callable[[str], str | None]:
    """What is wrong with a calendar of this name, None if nothing is."""
    from engine.errors import ConfigurationError

    def problem(name: str) -> str | None:
        try:
            session.surroundings.calendars.get(name)
        except ConfigurationError as error:
            return str(error)
        return None

    return problem


def near(path: Path) -> Path:
    """The path as a person in this folder would write it."""
    return Path(os.path.relpath(path)) if path.is_relative_to(Path.cwd()) else path


def _tell(session: Session, problem: Problem) -> None:
    if not session.as_json:
        session.say(str(problem))
        return
    place = problem.location
    told = {"file": place.file, "line": place.line, "column": place.column, "severity": problem.severity}
    session.line(told | {"found": problem.found, "expected": problem.expected, "advice": problem.advice})


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
