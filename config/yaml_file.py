"""Configuration files: YAML 1.2 core (`NO` and `on` are text), with the line and column of each value for messages."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from engine.errors import ConfigurationError, Location

KeyPath: TypeAlias = tuple[str | int, ...]

_PLAIN = {"null": None, "Null": None, "NULL": None, "~": None, "": None, "true": True, "false": False}
_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_NUMBER = re.compile(r"[-+]?(0|[1-9][0-9]*)\.[0-9]+")


@dataclass(frozen=True, slots=True)
class YamlFile:
    """A mapping read from a file. `marks` knows where the value at each path of keys stands."""

    file: Path
    values: dict[str, Any] = field(default_factory=dict)
    marks: dict[KeyPath, tuple[int, int]] = field(default_factory=dict)

    def location(self, path: KeyPath) -> str:
        """`file:line:column` of the value at this path, or of the nearest thing that holds it."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.marks:
                return str(Location(str(self.file), *self.marks[path[:end]]))
        return str(self.file)


def read_yaml(file: Path) -> YamlFile:
    """The mapping in this file, empty where the file is empty; ConfigurationError with line and column."""
    try:
        node = yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = str(file) if mark is None else str(Location(str(file), mark.line + 1, mark.column + 1))
        raise ConfigurationError(
            f"{where}: {error.problem or error.context}", advice="check the indentation, the quotes and the colons"
        ) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{file}: this is not YAML in UTF-8: {error}") from error
    found = YamlFile(file)
    if node is None:
        return found
    if not isinstance(node, yaml.MappingNode):
        raise _refusal(file, node, "expected `name: value` lines")
    found.values.update(_mapping(found, node, ()))
    return found


def _value(found: YamlFile, node: yaml.Node, path: KeyPath) -> Any:
    if path in found.marks:
        raise _refusal(found.file, node, f"{path[-1]} is here for the second time; keep one of them")
    found.marks[path] = (node.start_mark.line + 1, node.start_mark.column + 1)
    if isinstance(node, yaml.MappingNode):
        return _mapping(found, node, path)
    if isinstance(node, yaml.SequenceNode):
        return [_value(found, child, (*path, number)) for number, child in enumerate(node.value)]
    return _scalar(node)


def _mapping(found: YamlFile, node: yaml.MappingNode, path: KeyPath) -> dict[str, Any]:
    values = {}
    for key, child in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise _refusal(found.file, key, "a name is text")
        values[str(key.value)] = _value(found, child, (*path, str(key.value)))
    return values


def _scalar(node: yaml.Node) -> Any:
    text = str(node.value)
    if getattr(node, "style", None) is not None:
        return text
    if text in _PLAIN:
        return _PLAIN[text]
    if _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if _NUMBER.fullmatch(text) else text


def _refusal(file: Path, node: yaml.Node, expected: str) -> ConfigurationError:
    mark = node.start_mark
    return ConfigurationError(f"{Location(str(file), mark.line + 1, mark.column + 1)}: {expected}")
