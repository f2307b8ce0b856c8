"""`doctor`: is this machine, and is this project, ready to work?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict

import click

from commands.examined.finding import Finding, State
from commands.session import Session, options
from engine.errors import ClerkworkError, ExitCode


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
    from commands.examined import alerts, machine, project, store

    for look in (machine.python, machine.browser, machine.tesseract, machine.fonts, machine.time_zones):
        yield look()
    try:
        kind = "" if session.project.has_settings else " (no config/settings.yaml: the defaults are used)"
    except ClerkworkError as error:
        yield Finding("project", State.MISSING, error.message, error.advice)
        return
    yield Finding("project", State.OK, f"{session.project.root}{kind}")
    yield from _told("data folder", lambda: [project.data(session), project.disk(session)])
    of_store = list(_told("store", lambda: store.store(session)))
    yield from of_store
    # Nothing else opens a store that is not at hand as it is: opening it would bring it up.
    is_behind = any(one.check == "store" and one.state is not State.OK for one in of_store)
    yield from _told("artifacts", lambda: [project.artifacts(session)])
    yield from _told("secret key", lambda: [project.key(session), project.modes(session)])
    yield from _told("connections", lambda: [project.connections(session)])
    yield from _told("workflows", lambda: [project.workflows(session)])
    if not is_behind:
        yield from _told("alerts", lambda: [alerts.alerts(session)])


def _told(check: str, look: Callable[[], Iterator[Finding] | list[Finding]]) -> Iterator[Finding]:
    """What was found; an error that stopped the look is a finding too."""
    try:
        yield from look()
    except ClerkworkError as error:
        yield Finding(check, State.MISSING, error.message, error.advice)
