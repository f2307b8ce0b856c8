"""A project as a run sees it: its connections, secrets, files and calendar."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, tzinfo
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from config.artifacts import artifacts_of
from config.calendars import Calendars, calendar_of
from config.connections import Connections
from config.project import Project
from config.sealed import SealedTexts
from config.secrets import SecretStore
from engine.artifacts import Artifacts
from engine.errors import BusinessException
from engine.scrub import Scrubber
from engine.surroundings import Surroundings

_ELSEWHERE = re.compile(r"~[^$/]*(/|$)|[A-Za-z]:[\\/]|\\\\")
"""Paths that mean something to a shell or to Windows only: here they would be odd names inside the project."""


class ProjectSurroundings:
    """What the engine needs of a project. `today` decides for which years public holidays are looked up."""

    def __init__(self, project: Project, environ: Mapping[str, str], today: date) -> None:
        self.project = project
        self.cache = project.cache
        self.scrubber = Scrubber()
        self.timezone: tzinfo = project.settings.zone
        self.calendar = calendar_of(project.settings.business, project.settings.zone, today, "config/settings.yaml")
        self.calendars = Calendars(project.calendars_file, project.settings.business, project.settings.zone, today)
        password = urlsplit(project.database_url).password
        if password:
            self.scrubber.add(unquote(password))
        self.secrets = SecretStore(project.data, environ)
        self._sealed = SealedTexts(project.data / "sealed", self.secrets)
        self.connections = Connections(project.connections_file)
        self.artifacts: Artifacts = artifacts_of(project, self.connections, self.secret)
        self._roots = [
            project.root,
            project.artifacts,
            *(project.root / folder for folder in project.settings.allowed_folders),
        ]

    def connection(self, name: str) -> Mapping[str, Any]:
        return self.connections.get(name, self.secret)

    def secret(self, name: str) -> str:
        value = self.secrets.get(name)
        self.scrubber.add(value)
        return value

    def kept(self, name: str) -> str | None:
        return self._sealed.get(name)

    def keep(self, name: str, text: str | None) -> None:
        self._sealed.put(name, text)

    def path(self, text: str) -> Path:
        if not text or "\0" in text:
            raise BusinessException("PATH_REFUSED", f"{text!r} is not the path of a file", advice="name a file")
        if self.artifacts.known(text):
            return self.artifacts.here(text)
        if _ELSEWHERE.match(text) or any(letter < " " for letter in text):
            raise BusinessException(
                "PATH_REFUSED",
                f"{text!r} is not the path of a file here",
                advice="write folders with /, from the project's folder on: inbox/invoice.pdf",
            )
        # Resolved through every link before it is compared: a link may not lead out of the project either.
        path = Path(os.path.realpath(self.project.root / text))
        if not any(path.is_relative_to(os.path.realpath(root)) for root in self._roots):
            raise BusinessException(
                "PATH_REFUSED",
                f"{text} lies outside the project's files",
                advice="use a path inside the project, or name the folder in `allowed_folders` of config/settings.yaml",
            )
        if any(path == own or path.is_relative_to(own) for own in self._own()):
            raise BusinessException(
                "PATH_REFUSED",
                f"{text} belongs to Clerkwork itself (its settings, secrets or store)",
                advice="use another file; a step never reads or writes these",
            )
        return path

    def _own(self) -> Iterator[Path]:
        yield Path(os.path.realpath(self.project.root / "config"))
        data = Path(os.path.realpath(self.project.data))
        yield self.secrets.file
        yield self.secrets.key_file
        for name in ("secrets.json", "secret.key", "clerkwork.db", "clerkwork.db-wal", "clerkwork.db-shm"):
            yield data / name
        yield from (data / folder for folder in ("logs", "cache", "sealed"))


def surroundings_of(project: Project, environ: Mapping[str, str], now: datetime) -> ProjectSurroundings:
    return ProjectSurroundings(project, environ, now.astimezone(project.settings.zone).date())


def _are_surroundings(surroundings: ProjectSurroundings) -> Surroundings:
    return surroundings  # mypy shows here that a project has all that the engine asks for
