"""Where a project's kept files lie: a folder, or what `artifacts` names by a URL."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from config.connections import Connections
from config.project import Project
from engine.artifacts import ArtifactFolder, Artifacts
from engine.errors import ConfigurationError

CONNECTION = "artifacts"
SECRET_WORDS = ("key", "secret", "token", "password")
MEGABYTE = 1_000_000


def artifacts_of(project: Project, connections: Connections, secret: Callable[[str], str]) -> Artifacts:
    """A bucket takes its options from the connection `artifacts`, where there is one, else from the environment."""
    url = project.artifacts_url
    if url is None:
        return ArtifactFolder(project.artifacts)
    from engine.bucket import ArtifactBucket

    def options() -> Mapping[str, Any]:
        if CONNECTION not in connections.names():
            return {}
        clear = connections.in_clear(CONNECTION, SECRET_WORDS)
        if clear:
            raise ConfigurationError(
                f"{project.connections_file}: {CONNECTION}: {', '.join(clear)} stands there in clear",
                advice=f"write {clear[0]}: {{secret: NAME}} and set it with `secret set NAME`",
            )
        return connections.get(CONNECTION, secret)

    return ArtifactBucket(url, project.artifacts, options, project.settings.artifacts_cache * MEGABYTE)
