"""Configuration files: the same YAML as workflows, and the place of each value for messages."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import ConfigurationError, WorkflowError
from engine.yaml_source import Source, ValuePath, read_yaml


@dataclass(frozen=True, slots=True)
class YamlFile:
    """A mapping read from a file; `source` is None where there is no file."""

    file: Path
    values: dict[str, Any]
    source: Source | None = None

    def location(self, path: ValuePath, *, key: bool = False) -> str:
        """`file:line:column` of the value at this path (or of its key), or of the nearest thing that holds it."""
        if self.source is None:
            return str(self.file)
        return str(self.source.at(self.source.value, self.source.mark, path, key=key))


def yaml_file(file: Path) -> YamlFile:
    """The mapping in this file, empty where there is none; ConfigurationError with the place of every problem."""
    if not file.is_file():
        return YamlFile(file, {})
    try:
        source = read_yaml(file)
    except WorkflowError as error:
        raise ConfigurationError(str(error)) from error
    if source.value is None:
        return YamlFile(file, {})
    if not isinstance(source.value, dict):
        raise ConfigurationError(
            f"{source.location(source.mark)}: this is not a mapping",
            advice="write one `name: value` in a line",
        )
    return YamlFile(file, source.value, source)
