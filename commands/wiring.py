"""Puts an engine together from a project: store, actions, workflows, surroundings, log."""

from __future__ import annotations

import dataclasses
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from commands.registry import load_actions
from commands.session import Session
from config.logging import log_events
from config.surroundings import ProjectSurroundings, surroundings_of
from engine.artifacts import Aside
from engine.errors import ConfigurationError
from engine.store.database import Database, StoreError
from engine.work import Engine, already_done_in
from engine.workflows import Library

AUDIT = "audit"
"""The purpose for which the key of the audit log is derived."""


@contextmanager
def open_store(session: Session, *, anywhere: bool = False, origin: str = "command line") -> Iterator[Database]:
    """The project's store, brought to the newest schema; made in any folder only where `anywhere` says so.

    `origin` is the door by which people act on it, for the audit log.
    """
    if not anywhere:
        session.project.expected()
    database = Database(session.project.database_url)
    try:
        _migrate(database)
        database.audited(session.surroundings.secrets.derived(AUDIT), origin)
        yield database
    finally:
        database.close()


@contextmanager
def open_engine(session: Session, files: Sequence[Path] = (), **values: Any) -> Iterator[Engine]:
    """An engine on the project's store. `files` are workflows besides those in the project's folders."""
    registry = load_actions(session.project)
    library = Library([*session.project.workflow_folders, *files], registry)
    with open_store(session, anywhere=bool(files)) as database:
        values = {"clock": session.clock, "connection_limits": session.surroundings.connections.limits(), **values}
        engine = Engine(database, session.surroundings, registry, library, **values)
        log_events(engine.events)
        try:
            yield engine
        finally:
            engine.close()


@contextmanager
def open_dry_engine(session: Session, files: Sequence[Path] = ()) -> Iterator[Engine]:
    """An engine that can do no effect; it sees the real ledger, and what it keeps is gone afterwards."""
    registry = load_actions(session.project)
    library = Library([*session.project.workflow_folders, *files], registry)
    with tempfile.TemporaryDirectory(prefix="clerkwork-") as folder:
        database = Database(f"sqlite:///{folder}/clerkwork.db")
        database.migrate()
        engine = Engine(database, _aside(session, Path(folder)), registry, library, clock=session.clock, dry_run=True)
        real = _real_store(session)
        if real is not None:
            engine.already_done, engine.taught = already_done_in(real), real
        log_events(engine.events)
        try:
            yield engine
        finally:
            engine.close()
            database.close()
            if real is not None:
                real.close()


def place_of(database: Database) -> str:
    """The store's address, without a password."""
    return database.engine.url.render_as_string(hide_password=True)


def _migrate(database: Database) -> None:
    try:
        database.migrate()
    except (StoreError, OSError) as error:
        place = place_of(database)
        cause = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise ConfigurationError(
            f"the store {place} cannot be opened: {cause}",
            advice="see `database` and `data` in config/settings.yaml; `doctor` tells more",
        ) from error


def _aside(session: Session, folder: Path) -> ProjectSurroundings:
    """The project's surroundings, but for the folder where files are kept."""
    settings = session.project.settings.model_copy(update={"artifacts": str(folder)})
    project = dataclasses.replace(session.project, settings=settings)
    aside = surroundings_of(project, os.environ, session.clock.now())
    aside.scrubber = session.surroundings.scrubber
    aside.artifacts = Aside(folder, session.surroundings.artifacts)
    return aside


def _real_store(session: Session) -> Database | None:
    """The project's own store, if it has one yet: a dry run makes none."""
    url = session.project.database_url
    if url.startswith("sqlite:///") and not Path(url.removeprefix("sqlite:///")).is_file():
        return None
    return Database(url)
