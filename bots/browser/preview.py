"""What verbs type and click, in words for people."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from pydantic import BaseModel, RootModel

from bots.browser.do import Do
from engine.context import File

MASK = "••••••"
_SECRET = re.compile(r"pass(word|wort|e)?|kennwort|secret|pin\b|token|mot de passe|otp|cvv", re.IGNORECASE)


def is_secret(label: str) -> bool:
    """A field whose label says that its value is nobody's business."""
    return _SECRET.search(label) is not None


def changes(lines: Sequence[Do], scrub: Callable[[str], str]) -> dict[str, tuple[Any, Any]]:
    """`{"fill Vendor": (None, "ACME"), "click Save": (None, "clicked")}`, in the order of the verbs."""
    found: dict[str, tuple[Any, Any]] = {}
    for line in lines:
        if line.verb.name in ("repeat", "if"):
            inner = line.input.lines if line.verb.name == "repeat" else [*line.input.do, *line.input.otherwise]
            for title, change in changes(inner, scrub).items():
                found[_fresh(title, found)] = change
        elif not line.verb.reads:
            for title, value in _shown(line.verb.name, line.input):
                text = MASK if is_secret(title) else scrub(value) if isinstance(value, str) else value
                found[_fresh(title, found)] = (None, text)
    return found


def titled(line: Do) -> list[str]:
    """What a verb is called: `click Save`, `fill Vendor`."""
    if line.verb.name in ("repeat", "if"):
        return [line.verb.name]
    return [title for title, _ in _shown(line.verb.name, line.input)]


def _shown(verb: str, given: BaseModel) -> list[tuple[str, Any]]:
    if isinstance(given, RootModel) and isinstance(given.root, dict):
        return [(f"{verb} {label}", _plain(value)) for label, value in given.root.items()]
    arguments = " ".join(str(value) for value in given.model_dump(exclude_none=True).values() if value != {})
    return [(f"{verb} {arguments}".strip(), {"click": "clicked", "press": "pressed"}.get(verb, "done"))]


def _plain(value: Any) -> Any:
    if isinstance(value, File):
        return value.name
    if isinstance(value, BaseModel):
        return value.model_dump()
    return [_plain(one) for one in value] if isinstance(value, list) else value


def _fresh(title: str, taken: dict[str, Any]) -> str:
    """A second `click Next` gets a number, so that none is lost."""
    number = 2
    fresh = title
    while fresh in taken:
        fresh = f"{title} ({number})"
        number += 1
    return fresh
