"""A project: the folder that holds `config/`, `workflows/` and the data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import ConfigurationError

if TYPE_CHECKING:
    from config.settings import Settings

PROJECT_VARIABLE = "CLERKWORK_PROJECT"
SETTINGS_FILE = Path("config", "settings.yaml")


@dataclass(frozen=True)
class Project:
    """Where everything of a project lies. All paths are absolute; nothing is created by asking for one."""

    root: Path
    settings: Settings

    @property
    def data(self) -> Path:
        return self.root / self.settings.data

    @property
    def artifacts(self) -> Path:
        """The folder of kept files; where they lie in a bucket, that of their copies on this machine."""
        if self.artifacts_url:
            return self.cache / "artifacts"
        return self.root / self.settings.artifacts if self.settings.artifacts else self.data / "artifacts"

    @property
    def artifacts_url(self) -> str | None:
        place = self.settings.artifacts
        return place if place and "://" in place else None

    @property
    def cache(self) -> Path:
        """What can be made again at any time."""
        return self.data / "cache"

    @property
    def logs(self) -> Path:
        return self.data / "logs"

    @property
    def database_url(self) -> str:
        return self.settings.database or f"sqlite:///{self.data / 'clerkwork.db'}"

    @property
    def anchors(self) -> Path:
        """The file outside the store that holds the heads of the audit log's chain."""
        given = self.settings.audit_anchors
        return (self.root / given) if given is not None else self.data / "audit.anchors"

    @property
    def workflow_folders(self) -> list[Path]:
        return [self.root / folder for folder in self.settings.workflows]

    @property
    def connections_file(self) -> Path:
        return self.root / "config" / "connections.yaml"

    @property
    def calendars_file(self) -> Path:
        return self.root / "config" / "calendars.yaml"

    @property
    def has_settings(self) -> bool:
        """False for a plain folder that is worked in with the default settings."""
        return (self.root / SETTINGS_FILE).is_file()

    def expected(self) -> None:
        """ConfigurationError for a plain folder that nothing was ever kept in: a store made there would be empty."""
        if not (self.has_settings or self.data.is_dir() or self.settings.database):
            raise ConfigurationError(
                f"there is no project in {self.root} or above it (no {SETTINGS_FILE})",
                advice="go to a project's folder, name one with --project DIR, or make one with `clerkwork init DIR`",
            )


def find_project(given: Path | None, environ: Mapping[str, str], cwd: Path) -> Project:
    """The project to work in: the one given, else CLERKWORK_PROJECT, else the nearest upward, else this folder.

    A project that is named must have its settings file; ConfigurationError if it has none, or if it is wrong.
    """
    from config.settings import load_settings

    named = given or (Path(environ[PROJECT_VARIABLE]) if environ.get(PROJECT_VARIABLE) else None)
    if named is not None:
        root = (cwd / named).resolve()
        if not (root / SETTINGS_FILE).is_file():
            source = "--project" if given else PROJECT_VARIABLE
            raise ConfigurationError(
                f"{source} names {named}, which has no {SETTINGS_FILE}",
                advice=f"make a project there with `init {named}`",
            )
    else:
        here = cwd.resolve()
        root = next((folder for folder in (here, *here.parents) if (folder / SETTINGS_FILE).is_file()), here)
    return Project(root, load_settings(root / SETTINGS_FILE))
