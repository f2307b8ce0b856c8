"""What the engine needs from the configuration; `config` provides it, tests provide their own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from pathlib import Path
from typing import Any, Protocol

from engine.artifacts import Artifacts
from engine.business_time import Calendar
from engine.scrub import Scrubber


class Surroundings(Protocol):
    """A project, as a run sees it."""

    scrubber: Scrubber
    calendar: Calendar
    timezone: tzinfo
    cache: Path  # a folder for what can be made again at any time

    @property
    def artifacts(self) -> Artifacts:
        """Where files are kept."""

    def connection(self, name: str) -> Mapping[str, Any]:
        """The named connection's settings, secrets resolved; ConfigurationError naming the known ones."""

    def secret(self, name: str) -> str:
        """A secret's value, from now on known to the scrubber; ConfigurationError if it is not set."""

    def kept(self, name: str) -> str | None:
        """What was last kept under this name; None if nothing was, or if it cannot be opened any more."""

    def keep(self, name: str, text: str | None) -> None:
        """Keep a text sealed, from run to run, for all workers; None forgets it."""

    def path(self, text: str) -> Path:
        """A path inside the project's files; BusinessException PATH_REFUSED if it leaves them."""
