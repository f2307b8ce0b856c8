"""`config/connections.yaml`: the named systems that steps use.

    erp:
      system: tryton
      url: http://127.0.0.1:8000
      password: {secret: erp-password}

`limits` is the engine's own: how many items may use the connection at once, how often, and when it is left alone.
The other fields of a connection are those of its connector, which checks them when a step uses it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from config.yaml_file import yaml_file
from engine.admission import Limits
from engine.errors import ConfigurationError, UsageError
from engine.nearest import listed, nearest
from engine.rate import EXPECTED, read_rate
from engine.spans import parse_span

LIMITS = "limits"
SECRET = "secret"  # noqa: S105 - the word that marks a reference, not a secret


class Limit(BaseModel):
    """`limits:` of a connection: what it may be asked to do, by all workers of all machines together."""

    model_config = ConfigDict(extra="forbid")

    at_once: int | None = Field(default=None, ge=1, description="items that use it at the same time")
    rate: str | None = Field(default=None, description="how often an item that uses it may begin, e.g. 30 per minute")
    stop_after: int | None = Field(default=None, ge=1, description="failures in a row after which it is left alone")
    rest: str = Field(default="1m", description="for how long; then one item tries, and each time that fails for twice")


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

    def limits(self) -> dict[str, Limits]:
        """The limits of those connections that have any; ConfigurationError naming what is wrong with one."""
        given = {
            name: self._source.values[name][LIMITS] for name in self.names() if LIMITS in self._source.values[name]
        }
        return {name: self._limits(name, limits) for name, limits in given.items()}

    def _limits(self, name: str, given: Any) -> Limits:
        where = self._source.location((name, LIMITS))
        try:
            read = Limit.model_validate(given)
        except ValidationError as error:
            problem = error.errors()[0]
            field = ".".join(str(part) for part in problem["loc"]) or LIMITS
            raise ConfigurationError(
                f"{where}: {field} of the limits of {name}: {problem['msg']}",
                advice="write limits as {at_once: 2, rate: 30 per minute, stop_after: 5, rest: 1m}",
            ) from error
        rate = read_rate(read.rate)
        if read.rate is not None and rate is None:
            raise ConfigurationError(f"{where}: rate is {read.rate!r}, expected {EXPECTED}", advice="correct the rate")
        try:
            rest = parse_span(read.rest).length
        except UsageError as error:
            raise ConfigurationError(f"{where}: rest: {error.message}", advice=error.advice) from error
        return Limits(read.at_once, rate, read.stop_after, rest)

    def known(self, name: str) -> Mapping[str, Any]:
        """The settings of a connection as they are written; ConfigurationError naming those that there are."""
        settings = self._source.values.get(name)
        if settings is None:
            near = nearest(name, self.names())
            hint = f"did you mean {near}? " if near else ""
            raise ConfigurationError(
                f"{self._source.file}: there is no connection {name}", advice=f"{hint}known: {listed(self.names())}"
            )
        return dict(settings)

    def get(self, name: str, secret: Callable[[str], str]) -> Mapping[str, Any]:
        """Its settings, each `{secret: name}` replaced by the secret; ConfigurationError naming the known ones."""
        settings = self.known(name)
        own = {field: value for field, value in settings.items() if field != LIMITS}
        resolved: dict[str, Any] = _resolved(own, secret)
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
