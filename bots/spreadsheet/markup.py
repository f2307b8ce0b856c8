"""XML as bytes with places, so that a change touches what it means to change and nothing else.

A workbook holds much that no library knows (drawings, slicers, threaded comments, extensions of later versions).
Reading it into objects and writing it anew would lose that; splicing keeps every other byte.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

Edit: TypeAlias = tuple[int, int, bytes]
"""Replace the bytes from, to (not included) by these."""

_OPENING = re.compile(rb"""<[^<>"']*(?:"[^"]*"[^<>"']*|'[^']*'[^<>"']*)*>""")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]|_(?=x[0-9A-Fa-f]{4}_)")
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


class BadMarkup(Exception):
    """The part is no XML that a workbook may hold."""


@dataclass(slots=True)
class Element:
    """One element and where it stands: the opening tag is start..inner, the closing tag close..end."""

    name: str
    attributes: dict[str, str]
    start: int
    inner: int
    close: int = 0
    end: int = 0
    empty: bool = False
    children: list[Element] = field(default_factory=list)

    @property
    def tag(self) -> str:
        return self.name.rpartition(":")[2]

    @property
    def prefix(self) -> str:
        return self.name[: -len(self.tag)]

    def child(self, tag: str) -> Element | None:
        return next((one for one in self.children if one.tag == tag), None)

    def all(self, tag: str) -> Iterator[Element]:
        return (one for one in self.children if one.tag == tag)


class _Builder:
    def __init__(self, data: bytes, leaves: Collection[str]) -> None:
        self.data = data
        self.leaves = leaves
        self.stack: list[Element] = []
        self.skipping = 0
        self.root: Element | None = None
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self.opening
        self.parser.EndElementHandler = self.closing
        self.parser.StartDoctypeDeclHandler = self.doctype

    def build(self) -> Element:
        try:
            self.parser.Parse(self.data, True)
        except expat.ExpatError as error:
            raise BadMarkup(str(error)) from error
        assert self.root is not None
        return self.root

    def doctype(self, *_: object) -> None:
        raise BadMarkup("it declares a document type, which no workbook does")

    def opening(self, name: str, attributes: dict[str, str]) -> None:
        if self.skipping:
            self.skipping += 1
            return
        start = self.parser.CurrentByteIndex
        tag = _OPENING.match(self.data, start)
        if tag is None:
            raise BadMarkup(f"it is not written in UTF-8 (at <{name}>)")
        element = Element(name, attributes, start, tag.end(), empty=tag.group().endswith(b"/>"))
        if self.stack:
            self.stack[-1].children.append(element)
        else:
            self.root = element
        self.stack.append(element)
        if element.tag in self.leaves:
            self.skipping = 1

    def closing(self, name: str) -> None:
        if self.skipping > 1:
            self.skipping -= 1
            return
        self.skipping = 0
        element = self.stack.pop()
        if element.empty:
            element.close = element.end = element.inner
        else:
            element.close = self.parser.CurrentByteIndex
            element.end = self.data.index(b">", element.close) + 1


def parse(data: bytes, leaves: Collection[str] = ()) -> Element:
    """The root element; what is inside an element whose tag is among `leaves` is not looked at."""
    return _Builder(data, leaves).build()


def splice(data: bytes, edits: Iterable[Edit]) -> bytes:
    """The data with the edits made; they must not overlap. Edits at one place stay in their order."""
    pieces, at = [], 0
    for start, end, text in sorted(edits, key=lambda edit: (edit[0], edit[1])):
        pieces += [data[at:start], text]
        at = end
    return b"".join([*pieces, data[at:]])


def opening(data: bytes, element: Element, **changes: str | None) -> Edit:
    """The edit that sets attributes of an element; None takes one away."""
    tag = data[element.start : element.inner]
    for name, value in changes.items():
        pattern = re.compile(rb"""\s+%s\s*=\s*("[^"]*"|'[^']*')""" % re.escape(name.encode()))
        tag = pattern.sub(b"", tag, count=1)
        if value is not None:
            cut = len(tag) - (2 if element.empty else 1)
            tag = tag[:cut].rstrip() + f" {name}={quoteattr(value)}".encode() + tag[cut:]
    return element.start, element.inner, tag


def inside(data: bytes, element: Element, xml: bytes, **changes: str | None) -> Edit:
    """The edit that puts `xml` at the end of an element and sets its attributes."""
    start, _, tag = opening(data, element, **changes)
    if element.empty:
        return start, element.end, tag[:-2].rstrip() + b">" + xml + f"</{element.name}>".encode()
    return start, element.close, tag + data[element.inner : element.close] + xml


def text(value: str) -> str:
    """A text as it stands inside an element; what XML forbids is written as Excel does, `_x0000_`."""
    return escape(_FORBIDDEN.sub(lambda found: f"_x{ord(found.group()):04X}_", value)).replace("\r", "_x000D_")


def plain(value: str) -> str:
    """The text that was meant by `_x0000_` and its like."""
    return _ESCAPED.sub(lambda found: chr(int(found.group(1), 16)), value)


def attribute(value: str) -> str:
    """A text as it stands between the quotes of an attribute."""
    return escape(value, {'"': "&quot;", "\n": "&#10;"})
