"""Targets: how a person names a thing on a page, taken apart for the script that finds it there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

Want: TypeAlias = Literal["field", "file", "tick", "click", "value", "text", "any"]
"""What the verb is looking for: a field, a file field, a check box, something to click, a value to read, a text."""

_PART = re.compile(
    r"^(label|role|text|test-id|css|xpath|near|row|section|frame|placeholder|title|alt)=(.*)$", re.DOTALL
)
_TAGS = (
    "a|article|aside|b|button|caption|dd|div|dl|dt|fieldset|footer|form|h[1-6]|header|img|input|label|legend|li|main|"
    "nav|ol|option|p|section|select|span|strong|table|tbody|td|textarea|tfoot|th|thead|tr|ul"
)
_LOOKS_LIKE_CSS = re.compile(
    rf"^(?:(?:{_TAGS})?(?:[#.][\w-]+|\[[^\]]+\]|:[\w-]+(?:\([^)]*\))?)+|(?:{_TAGS}))"
    rf"(?:\s*[\s>+~]\s*(?:(?:{_TAGS})?(?:[#.][\w-]+|\[[^\]]+\]|:[\w-]+(?:\([^)]*\))?)+|(?:{_TAGS})))*$"
)


@dataclass(frozen=True, slots=True)
class Part:
    """One step of a locator: `row=4711` is kind `row`, value `4711`. Plain text is kind `plain`."""

    kind: str
    value: str
    exact: bool = False

    def as_data(self) -> dict[str, Any]:
        return {"kind": self.kind, "value": self.value, "exact": self.exact}


@dataclass(frozen=True, slots=True)
class Target:
    """What an author wrote, and its parts from the outside in. `frame` narrows where to look."""

    text: str
    parts: tuple[Part, ...]
    frame: str | None = None

    def as_data(self) -> list[dict[str, Any]]:
        return [part.as_data() for part in self.parts]


def parse(text: str, *, selector: bool = False) -> Target:
    """`row=4711 >> Delete` -> two parts. With `selector`, a text that reads like CSS is taken as CSS."""
    pieces = [piece.strip() for piece in text.split(" >> ")] if " >> " in text else [text.strip()]
    parts = [_part(piece) for piece in pieces if piece]
    frame = None
    if parts and parts[0].kind == "frame":
        frame = parts.pop(0).value
    if selector and len(parts) == 1 and parts[0].kind == "plain" and _LOOKS_LIKE_CSS.match(parts[0].value):
        parts = [Part("css", parts[0].value)]
    return Target(text, tuple(parts) or (Part("css", "body"),), frame)


def _part(piece: str) -> Part:
    found = _PART.match(piece)
    if found is None:
        return Part("plain", piece)
    kind, value = found.group(1), found.group(2).strip()
    quoted = len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'" and kind not in ("css", "xpath")
    return Part(kind, value[1:-1] if quoted else value, exact=quoted)
