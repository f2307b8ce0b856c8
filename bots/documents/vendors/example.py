"""An example of a vendor: one document with the values that a person left or confirmed, and the words of its pages."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from bots.documents.document import Value
from bots.documents.pages.codec import from_plain, to_plain
from bots.documents.pages.page import Page
from bots.documents.schemas import Schema, schema_of
from bots.documents.vendors.identity import printed_on
from bots.documents.vendors.induction import Told
from bots.documents.vendors.layout import Place, places
from bots.documents.vendors.sheet import Place as Shown
from bots.documents.vendors.sheet import Sheet
from bots.documents.words.lexicon import squeeze
from engine.memory import Example

HEAD, TAIL = 10, 3  # pages at either end of a document whose words are kept
LAYOUT_WORDS = 150
LARGEST = 8 * 2**20  # bytes of words, unpacked: more is no document that anything could be learned from


@dataclass(frozen=True)
class VendorExample:
    """`fields` are the values known to be right, None for a field that is not on the document; `read` what reading
    gave; `changed` the names that a person corrected, `drawn` where they showed that such a value stands. Nobody looked
    at it where `person` is None."""

    digest: str
    file: str
    schema_fields: str | dict[str, Any]
    fields: Mapping[str, Value | None]
    read: Mapping[str, Value | None]
    changed: frozenset[str]
    pages: Sequence[Page]
    made: datetime
    person: str | None = None
    item: str = ""
    workflow: str = ""
    seen: frozenset[str] = frozenset()
    layout: Sequence[Place] = field(default=())
    id: str = ""
    drawn: Mapping[str, Shown] = field(default_factory=dict)

    def told(self, field: str) -> Told:
        """What it says of a field."""
        return Told(self.sheet, self.fields[field], self.drawn.get(field))

    @classmethod
    def of_pages(cls, pages: Sequence[Page], **told: Any) -> VendorExample:
        """An example of these pages, with what they show besides: ids, the name as it was misread, the layout."""
        misread = squeeze(str(told["read"].get("seller.name") or ""))
        seen = printed_on(Sheet(pages)).ids | ({f"name:{misread}"} if misread else set())
        first = next((page for page in pages if page.words), None)
        layout = places(first)[:LAYOUT_WORDS] if first is not None else []
        return cls(pages=pages, seen=seen, layout=layout, **told)

    @cached_property
    def schema(self) -> Schema:
        return schema_of(self.schema_fields)

    @cached_property
    def sheet(self) -> Sheet:
        return Sheet(self.pages)

    @property
    def by(self) -> str:
        """Who says that its values are right, as people say it."""
        if self.person is None:
            return "nobody looked"
        return f"corrected by {self.person}" if self.changed else f"approved by {self.person}"

    def to_example(self) -> Example:
        data = {
            "file": self.file,
            "schema_fields": self.schema_fields,
            "fields": dict(self.fields),
            "read": dict(self.read),
            "changed": sorted(self.changed),
            "workflow": self.workflow,
            "seen": sorted(self.seen),
            "layout": [list(place) for place in self.layout],
            "drawn": {name: [page, list(box)] for name, (page, box) in self.drawn.items()},
        }
        return Example(self.digest, data, self.made, pack(self.pages), self.person, self.item)

    @classmethod
    def of_example(cls, example: Example) -> VendorExample:
        """ValueError where its words cannot be read any more."""
        data = example.data
        return cls(
            digest=example.digest,
            file=data["file"],
            schema_fields=data["schema_fields"],
            fields=data["fields"],
            read=data["read"],
            changed=frozenset(data["changed"]),
            pages=unpack(example.content),
            made=example.made,
            person=example.person,
            item=example.item,
            workflow=data["workflow"],
            seen=frozenset(data["seen"]),
            layout=[(place[0], place[1], place[2]) for place in data["layout"]],
            id=example.id,
            drawn={name: _shown(place) for name, place in data.get("drawn", {}).items()},
        )


def _shown(place: Sequence[Any]) -> Shown:
    x0, y0, x1, y1 = (float(edge) for edge in place[1])
    return int(place[0]), (x0, y0, x1, y1)


def pack(pages: Sequence[Page]) -> bytes:
    """The words of the pages; those in the middle of a long document without theirs."""
    kept = [page if page.number <= HEAD or page.number > len(pages) - TAIL else _blank(page) for page in pages]
    return zlib.compress(json.dumps([to_plain(page) for page in kept], separators=(",", ":")).encode(), 6)


def unpack(content: bytes) -> list[Page]:
    """The pages that were packed; ValueError for anything else."""
    try:
        unpacker = zlib.decompressobj()
        text = unpacker.decompress(content, LARGEST)
        if unpacker.unconsumed_tail:
            raise ValueError(f"the words of the pages are more than {LARGEST} bytes")
        plain = json.loads(text)
    except zlib.error as error:
        raise ValueError(f"the words of the pages cannot be unpacked: {error}") from error
    if not isinstance(plain, list):
        raise ValueError("the words of the pages are no list of pages")
    return [from_plain(Page, page) for page in plain]


def _blank(page: Page) -> Page:
    return Page(page.number, page.width, page.height, [])
