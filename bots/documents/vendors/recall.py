"""What a vendor's anchors say of a document, weighed against what was read without them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from bots.documents.deciding.rules import ANCHORED
from bots.documents.document import Finding
from bots.documents.invoices.candidates import Evidence
from bots.documents.pages.page import Page
from bots.documents.schemas import Schema
from bots.documents.vendors.anchor import Anchor, Hit
from bots.documents.vendors.sheet import Sheet, same

DOUBT = 0.85
"""What is left of a value's confidence where its vendor's anchor fits in part, or anchors contradict each other."""

MOST = 0.99


class VendorMemory(Protocol):
    """Knows the vendors, and where their fields stand."""

    def anchors_for(self, sheet: Sheet, found: Mapping[str, Finding]) -> Sequence[Anchor]:
        """The anchors in use for the vendor of these pages, none where it is not known; `found` was read without."""


class Given:
    """Anchors of a vendor that is already known, as a test of them needs."""

    def __init__(self, anchors: Sequence[Anchor]) -> None:
        self.anchors = anchors

    def anchors_for(self, sheet: Sheet, found: Mapping[str, Finding]) -> Sequence[Anchor]:
        return self.anchors


def recalled(
    found: dict[str, Finding], evidence: Evidence, schema: Schema, memory: VendorMemory | None
) -> dict[str, Finding]:
    """The findings as the vendor's anchors change them: never another field than an anchor's own."""
    if memory is None:
        return found
    sheet = Sheet(evidence.pages, evidence.atoms)
    by_field: dict[str, list[Anchor]] = {}
    for anchor in memory.anchors_for(sheet, found):
        if anchor.field in schema.names:
            by_field.setdefault(anchor.field, []).append(anchor)
    for name, anchors in by_field.items():
        finding = _settled(found.get(name), anchors, sheet)
        if finding is None:
            found.pop(name, None)
        else:
            found[name] = finding
    return found


def _settled(known: Finding | None, anchors: Sequence[Anchor], sheet: Sheet) -> Finding | None:
    """The finding of one field after its anchors were asked."""
    asked = [(anchor, anchor.hit(sheet)) for anchor in anchors]
    whole = [(anchor, hit) for anchor, hit in asked if hit is not None and hit.whole]
    if not whole:
        partly = any(hit is not None for _, hit in asked)
        return _doubted(known) if partly else known
    anchor, hit = max(whole, key=lambda one: one[0].agreed)
    if any(not same(hit.value, other.value) for _, other in whole):
        return _doubted(known)
    if hit.value is None:
        return None
    if known is not None and same(known.value, hit.value, loosely=anchor.form.kind == "text"):
        sure = 1 - (1 - known.confidence) * (1 - anchor.trust)
        return replace(known, confidence=max(known.confidence, min(sure, MOST)))
    return _finding(anchor, hit, sheet.pages)


def _finding(anchor: Anchor, hit: Hit, pages: Sequence[Page]) -> Finding:
    assert hit.value is not None
    return Finding(hit.value, round(anchor.trust * hit.reading, 3), hit.page, hit.box, "template", ANCHORED)


def _doubted(known: Finding | None) -> Finding | None:
    return replace(known, confidence=known.confidence * DOUBT, group=ANCHORED) if known is not None else None
