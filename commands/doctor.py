"""`doctor`: is this machine, and is this project, ready to work?"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum

import click

from commands.session import Session, options
from engine.errors import ClerkworkError, ExitCode

LEAST_DISK = 1_000_000_000
LANGUAGES = ("eng", "deu", "fra")


class State(StrEnum):
    OK = "ok"
    WARNING = "warning"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `advice` says what to do where it is not ok."""

    check: str
    state: State
    found: str
    advice: str = ""


@click.command()
@options
def doctor(session: Session) -> int:
    """Check this machine and this project; ends with 2 when something is missing that is needed."""
    findings = list(_examine(session))
    if session.as_json:
        for finding in findings:
            session.line(asdict(finding))
    else:
        lines = [(one.check, one.state, one.found, one.advice) for one in findings]
        session.table(["check", "state", "found", "what to do"], lines, none="")
    missing = any(finding.state is State.MISSING for finding in findings)
    return int(ExitCode.USAGE if missing else ExitCode.DONE)


def _examine(session: Session) -> Iterator[Finding]:
    machine: list[Callable[[], Finding]] = [_python, _browser, _tesseract]
    for examine in machine:
        yield examine()
    try:
        kind = "" if session.project.has_settings else " (no config/settings.yaml: the defaults are used)"
    except ClerkworkError as error:
        yield Finding("project", State.MISSING, error.message, error.advice)
        return
    yield Finding("project", State.OK, f"{session.project.root}{kind}")
    parts: list[Callable[[Session], Finding]] = [_data, _disk, _store, _key, _secrets, _workflows]
    for part in parts:
        try:
            yield part(session)
        except ClerkworkError as error:
            yield Finding(part.__name__.strip("_"), State.MISSING, error.message, error.advice)


def _python() -> Finding:
    return Finding("python", State.OK, f"{sys.version.split()[0]} at {sys.executable}")


def _browser() -> Finding:
    from bots.browser.find_chromium import find_browser

    try:
        browser = find_browser(headless=True)
    except ClerkworkError as error:
        return Finding("browser", State.MISSING, error.message, error.advice)
    return Finding("browser", State.OK, f"{browser.version} at {browser.path}")


def _tesseract() -> Finding:
    program = shutil.which("tesseract")
    if program is None:
        return Finding("tesseract", State.MISSING, "not installed", "apt install tesseract-ocr, or `make setup`")
    answer = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=20, check=False)
    version = (answer.stdout or answer.stderr).split("\n")[0].removeprefix("tesseract ")
    listed = subprocess.run([program, "--list-langs"], capture_output=True, text=True, timeout=20, check=False)
    languages = sorted(set(listed.stdout.split("\n")[1:]) - {"", "osd"})
    lacking = [language for language in LANGUAGES if language not in languages]
    found = f"{version} with {', '.join(languages) or 'no language'} at {program}"
    if lacking:
        packages = " ".join(f"tesseract-ocr-{language}" for language in lacking)
        return Finding("tesseract", State.WARNING, found, f"apt install {packages}")
    return Finding("tesseract", State.OK, found)


def _data(session: Session) -> Finding:
    folder = session.project.data
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        advice = f"let this user write to {folder}, or set `data` in config/settings.yaml"
        return Finding("data folder", State.MISSING, f"{folder}: {error.strerror}", advice)
    return Finding("data folder", State.OK, str(folder))


def _disk(session: Session) -> Finding:
    folder = next(place for place in (session.project.data, *session.project.data.parents) if place.exists())
    free = shutil.disk_usage(folder).free
    found = f"{free / 1e9:.1f} GB free"
    if free < LEAST_DISK:
        return Finding("disk", State.WARNING, found, "make room: runs keep their evidence there")
    return Finding("disk", State.OK, found)


def _store(session: Session) -> Finding:
    from commands.wiring import open_store
    from engine.store.migrate import NEWEST, version

    with open_store(session) as database:
        place = database.engine.url.render_as_string(hide_password=True)
        found = version(database)
    if found != NEWEST:
        advice = f"this release knows {NEWEST}; use the release that made the store"
        return Finding("store", State.MISSING, f"{place}, schema {found}", advice)
    return Finding("store", State.OK, f"{place}, schema {found}")


def _key(session: Session) -> Finding:
    store = session.surroundings.secrets
    problem = store.key_problem()
    if problem:
        return Finding("secret key", State.MISSING, problem.split("; run: ")[0], problem.split("; run: ")[1])
    if not store.key_file.exists():
        return Finding("secret key", State.OK, "none yet; made with the first secret")
    return Finding("secret key", State.OK, f"{store.key_file}, for its owner alone")


def _secrets(session: Session) -> Finding:
    surroundings = session.surroundings
    names = surroundings.connections.names()
    unset = [name for name in surroundings.connections.secrets() if not surroundings.secrets.has(name)]
    if unset:
        users = sorted({user for name in unset for user in surroundings.connections.secrets()[name]})
        found = f"{', '.join(unset)} not set, needed by {', '.join(users)}"
        return Finding("connections", State.MISSING, found, f"secret set {unset[0]}")
    return Finding("connections", State.OK, ", ".join(names) or "none")


def _workflows(session: Session) -> Finding:
    from commands.registry import load_actions
    from engine.workflows import Library

    folders = [folder for folder in session.project.workflow_folders if folder.exists()]
    library = Library(folders, load_actions(session.project))
    errors = [problem for problem in library.problems if problem.severity == "error"]
    if errors:
        return Finding("workflows", State.MISSING, f"{len(errors)} problems, the first: {errors[0]}", "run `check`")
    return Finding("workflows", State.OK, ", ".join(library.ids()) or "none")
