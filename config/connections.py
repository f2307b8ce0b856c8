"""`config/connections.yaml`: the named systems that steps use.

    erp:
      system: tryton
      url: http://127.0.0.1:8000
      password: {secret: erp-password}

The fields of a connection are those of its connector, which checks them when a step uses it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from config.yaml_file import yaml_file
from engine.errors import ConfigurationError
from engine.nearest import listed, nearest

SECRET = "secret"  # noqa: S105 - the word that marks a reference, not a secret


class Connections:
    """All connections of a project; the file is read once."""

    def __init__(self, file: Path) -> None:
        self._source = yaml_file(file)
        for name, settings in self._source.values.items():
            if not isinstance(settings, dict):
                raise ConfigurationError(
                    f"{self._source.location((name,))}: connection {name} is {settings!r}, expected a mapping",
                    advice="write its settings below it, each as `name: value`, indented",
                )

    def names(self) -> list[str]:
        return sorted(self._source.values)

    def get(self, name: str, secret: Callable[[str], str]) -> Mapping[str, Any]:
        """Its settings, each `{secret: name}` replaced by the secret; ConfigurationError naming the known ones."""
        settings = self._source.values.get(name)
        if settings is None:
            near = nearest(name, self.names())
            hint = f"did you mean {near}? " if near else ""
            raise ConfigurationError(
                f"{self._source.file}: there is no connection {name}", advice=f"{hint}known: {listed(self.names())}"
            )
        resolved: dict[str, Any] = _resolved(settings, secret)
        return resolved

    def in_clear(self, name: str, words: Collection[str]) -> list[str]:
        """The fields of a connection that are called like one of `words` and hold a text instead of a reference."""
        return sorted(set(_in_clear(self._source.values.get(name), words)))

    def secrets(self) -> dict[str, list[str]]:
        """The names of the secrets that the connections ask for, each with the connections that do."""
        asked: dict[str, list[str]] = {}
        for name in self.names():
            for secret in _references(self._source.values[name]):
                asked.setdefault(secret, []).append(name)
        return asked


def _is_reference(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {SECRET} and isinstance(value[SECRET], str)


def _resolved(value: Any, secret: Callable[[str], str]) -> Any:
    if _is_reference(value):
        return secret(value[SECRET])
    if isinstance(value, dict):
        return {key: _resolved(inner, secret) for key, inner in value.items()}
    if isinstance(value, list):
        return [_resolved(inner, secret) for inner in value]
    return value


def _references(value: Any) -> Iterator[str]:
    if _is_reference(value):
        yield value[SECRET]
        return
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _references(inner)


def _in_clear(value: Any, words: Collection[str]) -> Iterator[str]:
    for name, inner in value.items() if isinstance(value, dict) else ():
        if isinstance(inner, str) and any(word in str(name).lower() for word in words):
            yield str(name)
        if not _is_reference(inner):
            yield from _in_clear(inner, words)
