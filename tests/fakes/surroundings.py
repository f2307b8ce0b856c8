"""A project in a temporary folder, for tests of the engine: real artifacts and scrubbing, plain connections."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any

from engine.artifacts import ArtifactFolder
from engine.business_time import Calendar
from engine.errors import BusinessException, ConfigurationError
from engine.scrub import Scrubber


class FolderSurroundings:
    timezone: tzinfo = UTC

    def __init__(
        self, folder: Path, connections: Mapping[str, Mapping[str, Any]] | None = None, secrets: Mapping[str, str] = {}
    ) -> None:
        self.folder = folder
        self.artifacts = ArtifactFolder(folder / "artifacts")
        self.cache = folder / "cache"
        self.scrubber = Scrubber()
        self.calendar = Calendar()
        self.connections = dict(connections or {})
        self.secrets = dict(secrets)
        self.texts: dict[str, str | None] = {}

    def connection(self, name: str) -> Mapping[str, Any]:
        if name not in self.connections:
            raise ConfigurationError(f"there is no connection {name}")
        return self.connections[name]

    def secret(self, name: str) -> str:
        if name not in self.secrets:
            raise ConfigurationError(f"there is no secret {name}")
        self.scrubber.add(self.secrets[name])
        return self.secrets[name]

    def kept(self, name: str) -> str | None:
        return self.texts.get(name)

    def keep(self, name: str, text: str | None) -> None:
        self.texts[name] = text

    def path(self, text: str) -> Path:
        path = (self.folder / text).resolve()
        if not path.is_relative_to(self.folder.resolve()):
            raise BusinessException("PATH_REFUSED", f"{text} lies outside the project's files")
        return path
