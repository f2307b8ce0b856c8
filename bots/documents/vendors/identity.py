"""Whose document it is: vendors are known by VAT id, bank account, name and layout, the ids before all."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bots.documents.document import Finding, Value
from bots.documents.pages.page import Page
from bots.documents.vendors.layout import Place, fits, layout_keys
from bots.documents.vendors.sheet import Sheet
from bots.documents.words.lexicon import squeeze

WEIGHTS: Mapping[str, float] = {"vat": 4.0, "iban": 3.0, "name": 2.0, "layout": 1.0}
_PARTS = re.compile(r"\s{2,}|[,;|·•*]|\s[-–—]\s")
CLEAR = 0.8  # confidence from which a seller's name is believed
_SHORTEST = 4  # letters of a name
_MOST_NAMES = 300


@dataclass(frozen=True)
class Known:
    """A vendor as far as it is known, by keys and layout. `seen` is what else its documents showed: tax ids of its
    customers, and what its name was misread as."""

    id: str
    keys: frozenset[str]
    seen: frozenset[str] = frozenset()
    layout: Sequence[Place] = ()


@dataclass(frozen=True)
class Printed:
    """What a document says about whose it is."""

    keys: frozenset[str]
    ids: frozenset[str]  # the tax ids among them, as keys
    first: Page | None


def printed_on(sheet: Sheet) -> Printed:
    """The keys that a document's pages show, its customer's among them."""
    atoms = [atom for found in sheet.atoms.values() for atom in found]
    ids = frozenset(f"vat:{atom.value}" for atom in atoms if atom.kind == "tax_id")
    accounts = {f"iban:{atom.value}" for atom in atoms if atom.kind == "iban"}
    first = next((page for page in sheet.pages if page.words), None)
    names = {f"name:{name}" for name in _names(sheet.pages)}
    return Printed(ids | accounts | names | (layout_keys(first) if first else frozenset()), ids, first)


def keys_of(fields: Mapping[str, Value | None], first: Page | None) -> frozenset[str]:
    """The keys of the vendor whose document has these true values."""
    keys = set(layout_keys(first)) if first is not None else set()
    for name, kind in (("seller.tax_id", "vat"), ("seller.iban", "iban")):
        if fields.get(name):
            keys.add(f"{kind}:{''.join(str(fields[name]).split())}")
    name = squeeze(str(fields.get("seller.name") or ""))
    if len(name) >= _SHORTEST:
        keys.add(f"name:{name}")
    return frozenset(keys)


def whose(printed: Printed, vendors: Collection[Known], found: Mapping[str, Finding]) -> Known | None:
    """The vendor a document is of; None where it is nobody's, or where it may be of two.

    `found` is what was read without help: a vendor that is the buyer here is not the seller.
    """
    scores = {vendor.id: _score(printed, vendor, found) for vendor in vendors}
    best = max(scores.values(), default=0.0)
    first = [vendor for vendor in vendors if scores[vendor.id] == best]
    return first[0] if best > 0 and len(first) == 1 else None


def _score(printed: Printed, vendor: Known, found: Mapping[str, Finding]) -> float:
    shared = {key.partition(":")[0] for key in vendor.keys & printed.keys} - {"layout"}
    if vendor.layout and printed.first is not None and fits(vendor.layout, printed.first):
        shared.add("layout")
    if not shared or _contradicted(printed, vendor, found, shared):
        return 0.0
    return sum(WEIGHTS[kind] for kind in shared)


def _contradicted(printed: Printed, vendor: Known, found: Mapping[str, Finding], shared: Collection[str]) -> bool:
    """Whether the document speaks of somebody else: by an id that no document of this vendor shows, or as its buyer."""
    strangers = printed.ids - vendor.keys - vendor.seen
    if strangers and not ("vat" in shared and _read_as(found, "seller.tax_id", "vat") in vendor.keys):
        return True
    buyer = {_read_as(found, "buyer.name", "name"), _read_as(found, "buyer.tax_id", "vat")} - {""}
    seller = {_read_as(found, "seller.name", "name"), _read_as(found, "seller.tax_id", "vat")} - {""}
    if "layout" not in shared and buyer & vendor.keys and not seller & vendor.keys:
        return True
    # Known by its name or its layout alone, while another one is plainly named as the seller.
    named = found.get("seller.name")
    weak = not {"vat", "iban"} & set(shared) and len(shared) == 1
    return weak and named is not None and named.confidence >= CLEAR and not seller & (vendor.keys | vendor.seen)


def _read_as(found: Mapping[str, Finding], name: str, kind: str) -> str:
    value = found[name].value if name in found else None
    if value is None:
        return ""
    return f"name:{squeeze(str(value))}" if kind == "name" else f"{kind}:{''.join(str(value).split())}"


def _names(pages: Sequence[Page]) -> set[str]:
    """Everything on the first and the last page that may be a name, by its letters."""
    names: set[str] = set()
    for text in _texts(pages):
        if len(names) >= _MOST_NAMES:
            break
        letters = squeeze(text)
        if _SHORTEST <= len(letters) <= 80:
            names.add(letters)
    return names


def _texts(pages: Sequence[Page]) -> Iterator[str]:
    printed = [page for page in pages if page.words]
    for page in [*printed[:1], *printed[1:][-1:]]:
        for line in page.lines:
            yield line.text
            for cell in line.cells:
                yield cell.text
                yield from _PARTS.split(cell.text)
