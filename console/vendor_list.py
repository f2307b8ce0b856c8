"""The vendors that people taught something about, as the memory of the document bot has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from console.words import count
from engine.memory import Example, Subject, Template
from engine.store.database import Transaction
from engine.store.memory import StoredMemory

TOPIC = "document"


@dataclass(frozen=True)
class KnownVendor:
    vendor: Subject
    keys: Sequence[str]
    examples: Sequence[Example]
    templates: Sequence[Template]

    @property
    def used(self) -> int:
        """How many anchors are in use."""
        return sum(template.state == "active" for template in self.templates)

    @property
    def corrected(self) -> int:
        return sum(bool(example.data["changed"]) for example in self.examples)

    @property
    def outlook(self) -> str:
        """What stands to happen next."""
        if self.vendor.stale:
            return "new examples, tested when the next document comes"
        return f"{count(self.used, 'field')} found by what was taught" if self.used else "nothing used yet"


def read_vendors(transaction: Transaction) -> list[KnownVendor]:
    """All of them, by name."""
    memory = StoredMemory(transaction, TOPIC)
    return [_known(memory, vendor) for vendor in memory.subjects()]


def read_vendor(transaction: Transaction, name: str) -> KnownVendor:
    """The one with this id; UsageError where there is none."""
    memory = StoredMemory(transaction, TOPIC)
    return _known(memory, memory.named(name))


def _known(memory: StoredMemory, vendor: Subject) -> KnownVendor:
    keys = sorted(key for key in memory.keys(vendor.id) if not key.startswith("layout:"))
    return KnownVendor(vendor, keys, memory.examples(vendor.id, whole=False), memory.templates(vendor.id))
