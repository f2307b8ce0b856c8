"""What was expected of a run beside what came; pure, both are plain values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

NOTHING = "(nothing)"


@dataclass(frozen=True, slots=True)
class Difference:
    """`where` is dotted, from the `expect:` of the test on."""

    where: str
    expected: str
    came: str

    def lines(self) -> list[str]:
        return [self.where, f"  - expected {self.expected}", f"  + came     {self.came}"]


def differences(expected: Any, came: Any, where: str) -> Iterator[Difference]:
    """Where they differ. A mapping expects some of the fields, a list all of the entries, a number its value."""
    if isinstance(expected, Mapping):
        if not isinstance(came, Mapping):
            yield Difference(where, shown(expected), shown(came))
            return
        for name, inner in expected.items():
            yield from differences(inner, came.get(name), f"{where}.{name}")
    elif isinstance(expected, list) and isinstance(came, list):
        if len(expected) != len(came):
            short = [_told(one, expected) for one in came]
            yield Difference(
                f"{where} (how many)", f"{len(expected)}: {shown(expected)}", f"{len(came)}: {shown(short)}"
            )
            return
        for number, (one, other) in enumerate(zip(expected, came, strict=True)):
            yield from differences(one, other, f"{where}.{number}")
    elif not _same(expected, came):
        yield Difference(where, shown(expected), shown(came))


def _told(came: Any, expected: list[Any]) -> Any:
    """Of an entry, what the expected ones speak of; where none is expected, its plain values."""
    if not isinstance(came, Mapping):
        return came
    names = {name for one in expected if isinstance(one, Mapping) for name in one}
    return {
        name: inner
        for name, inner in came.items()
        if (name in names if names else not isinstance(inner, (Mapping, list)) and inner is not None)
    }


def at(value: Any, path: str) -> Any:
    """`invoice.lines.0.total` in a plain value; None where there is no such thing."""
    for name in path.split("."):
        if isinstance(value, Mapping):
            value = value.get(name)
        elif isinstance(value, list) and name.isdigit() and int(name) < len(value):
            value = value[int(name)]
        else:
            return None
    return value


def shown(value: Any) -> str:
    """A value as a person would write it in the test."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{name}: {shown(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(shown(one) for one in value) + "]"
    return NOTHING if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _same(expected: Any, came: Any) -> bool:
    if expected is None or came is None or isinstance(expected, bool) or isinstance(came, bool):
        return expected is came
    if str(expected) == str(came):
        return True
    try:
        return Decimal(str(expected)) == Decimal(str(came))
    except InvalidOperation:
        return False
