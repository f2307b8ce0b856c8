"""The vendors a project knows, as reading asks for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from bots.documents.document import Finding
from bots.documents.vendors.anchor import Anchor
from bots.documents.vendors.identity import Known, Printed, printed_on, whose
from bots.documents.vendors.layout import common
from bots.documents.vendors.record import State
from bots.documents.vendors.sheet import Sheet
from bots.documents.vendors.study import Door, study
from engine.memory import Example, Memory, Subject

LAYOUTS = 4  # documents, the newest, that a vendor's layout is taken from


class StoredVendors:
    """Finds a document's vendor in the memory and gives the anchors in use; `vendor` is the one found last.

    New examples are studied before their vendor's anchors are used, unless `studies` is False, as in a dry run.
    """

    def __init__(self, door: Door, now: datetime, *, studies: bool = True) -> None:
        self._door = door
        self._now = now
        self._studies = studies
        self.vendor: Subject | None = None
        self.sheet: Sheet | None = None

    def anchors_for(self, sheet: Sheet, found: Mapping[str, Finding]) -> Sequence[Anchor]:
        """The anchors in use for the vendor of these pages; none where the vendor is not known."""
        self.sheet = self.sheet or sheet
        with self._door() as memory:
            vendor = self._vendor(memory, printed_on(sheet), found)
        if vendor is None:
            return []
        if vendor.stale and self._studies:
            vendor = study(self._door, vendor, self._now)
        self.vendor = vendor
        with self._door() as memory:
            templates = [one for one in memory.templates(vendor.id) if one.state == State.ACTIVE]
        return [Anchor.of_data(one.name, one.data) for one in templates]

    def _vendor(self, memory: Memory, printed: Printed, found: Mapping[str, Finding]) -> Subject | None:
        vendors = [known(id, memory) for id in memory.matching(printed.keys)]
        best = whose(printed, vendors, found)
        return memory.subject(best.id) if best is not None else None


def known(id: str, memory: Memory) -> Known:
    """A vendor as its examples show it."""
    examples = memory.examples(id, whole=False)
    seen = {key for one in examples for key in one.data["seen"]}
    return Known(id, memory.keys(id), frozenset(seen), layout(examples))


def layout(examples: Sequence[Example]) -> list[tuple[str, float, float]]:
    """The words that the newest documents have in common; none of fewer than two."""
    documents = [[(word, x, y) for word, x, y in one.data["layout"]] for one in examples[:LAYOUTS]]
    return common(documents) if len(documents) > 1 else []
