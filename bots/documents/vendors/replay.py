"""Every correction is a regression test: a vendor's examples are read again and compared with what is right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bots.documents.document import Finding, Value
from bots.documents.vendors.anchor import Anchor
from bots.documents.vendors.example import VendorExample
from bots.documents.vendors.recall import Given
from bots.documents.vendors.record import State
from bots.documents.vendors.study import Door, agrees, readable, study
from engine.memory import Subject


@dataclass(frozen=True)
class Wrong:
    """A field that is read wrongly now; `found` is None where it is not found at all."""

    field: str
    found: Value | None
    right: Value | None
    source: str


@dataclass(frozen=True)
class Replay:
    """One example read again."""

    vendor: Subject
    example: VendorExample
    wrong: tuple[Wrong, ...]
    right: int  # how many known fields are read rightly


def replay(door: Door, vendor: Subject, now: datetime) -> Iterator[Replay]:
    """Read all examples of a vendor again as reading would today, its new examples studied first."""
    vendor = study(door, vendor, now)
    with door() as memory:
        examples = readable(memory.examples(vendor.id))
        used = [one for one in memory.templates(vendor.id) if one.state == State.ACTIVE]
    anchors = Given([Anchor.of_data(one.name, one.data) for one in used])
    for example in examples:
        yield _replayed(vendor, example, anchors)


def _replayed(vendor: Subject, example: VendorExample, anchors: Given) -> Replay:
    from bots.documents.reader import understand

    found = understand(example.file, list(example.pages), example.schema, memory=anchors).fields
    known = [name for name in example.fields if name in example.schema.names]
    wrong = [
        _wrong(name, found.get(name), example.fields[name])
        for name in known
        if not agrees(example, name, found[name].value if name in found else None)
    ]
    return Replay(vendor, example, tuple(wrong), len(known) - len(wrong))


def _wrong(name: str, found: Finding | None, right: Value | None) -> Wrong:
    return Wrong(name, found.value if found else None, right, found.source if found else "")
