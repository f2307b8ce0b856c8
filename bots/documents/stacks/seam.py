"""Whether a new document begins between two pages of a stack: what speaks for it and against it, weighed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bots.documents.stacks.leaf import Leaf

# Log odds that each measure adds, at its full strength, to a document beginning here.
WEIGHTS: Mapping[str, float] = {
    "bias": -1.4,
    "numbered_first": 4.0,
    "numbered_next": -6.0,
    "numbered_later": -3.0,
    "last_was_last": 2.5,
    "last_had_more": -2.5,
    "one_of_one": 2.0,
    "unnumbered": 0.5,
    "same_number": -3.0,
    "other_number": 2.6,
    "a_number": 1.2,
    "contacts_shared": -0.8,
    "contacts_other": 0.8,
    "head_shared": -1.0,
    "head_other": 0.6,
    "title": 2.8,
    "title_again": 1.2,
    "untitled": -1.0,
    "other_kind": 0.9,
    "same_kind": -0.2,
    "till": 1.8,
    "carried": -2.8,
    "ended": 1.0,
    "open": -1.6,
    "columns_go_on": -1.6,
    "resized": 1.6,
    "other_language": 0.8,
    "blank_before": 0.4,
}
REASONS: Mapping[str, str] = {
    "numbered_first": "it is numbered page 1",
    "numbered_next": "its page number follows on",
    "numbered_later": "its page number is not 1",
    "last_was_last": "the page before was numbered the last",
    "last_had_more": "the page before was not numbered the last",
    "same_number": "the document's number is the same",
    "other_number": "the document's number is another",
    "a_number": "it has a document's number",
    "contacts_shared": "the same people are named",
    "contacts_other": "other people are named",
    "head_shared": "the head of the page is the same",
    "head_other": "the head of the page is another",
    "title": "it has a title",
    "title_again": "the title stands there again",
    "untitled": "it has no title",
    "other_kind": "it is of another kind",
    "till": "it is a receipt",
    "carried": "the pages say that they go on",
    "ended": "the sums stood before it",
    "open": "no sums stood before it",
    "columns_go_on": "the columns go on",
    "resized": "the paper has another size",
    "other_language": "it is in another language",
}


@dataclass(frozen=True, slots=True)
class Seam:
    """The place before a page. `likely` (0..1) says how probably a document begins there; `reason` why, in words."""

    likely: float
    reason: str


def seam_before(leaf: Leaf, part: Sequence[Leaf]) -> Seam:
    """The seam between the pages of a document so far and the page that follows them."""
    measured = measures(leaf, part)
    weighed = {name: WEIGHTS[name] * value for name, value in measured.items()}
    likely = 1 / (1 + math.exp(-sum(weighed.values())))
    return Seam(likely, _reason(weighed, likely))


def _reason(weighed: Mapping[str, float], likely: float) -> str:
    """The two measures that speak most for what was decided, and the one that speaks most against it."""
    sign = 1 if likely >= 0.5 else -1
    told = [(sign * worth, name) for name, worth in weighed.items() if name in REASONS]
    first = [REASONS[name] for worth, name in sorted(told, reverse=True)[:2] if worth > 0.4]
    against = [REASONS[name] for worth, name in sorted(told)[:1] if worth < -0.8]
    return ", ".join(first) + (f"; but {against[0]}" if against else "")


def measures(leaf: Leaf, part: Sequence[Leaf]) -> dict[str, float]:
    """What the page says of the seam before it, each 0..1; `part` is the document so far, its last page last."""
    written = [one for one in part if not one.blank] or list(part)
    first, last = written[0], written[-1]
    return {
        "bias": 1.0,
        **_numbering(leaf, last),
        **_identity(leaf, written),
        **_title(leaf, first, written),
        "carried": float(last.goes_on or leaf.goes_on),
        "ended": float(last.ends),
        "open": float(bool(last.money) and not any(one.ends for one in written)),
        "columns_go_on": _share(leaf.columns, last.columns) * (leaf.title < 2),
        "resized": float(_resized(leaf, last)),
        "other_language": float(bool(leaf.language and last.language) and leaf.language != last.language),
        "blank_before": float(part[-1].blank),
    }


def _numbering(leaf: Leaf, last: Leaf) -> dict[str, float]:
    follows = leaf.at == last.at + 1 and leaf.at > 1 and (leaf.of == last.of or not leaf.of or not last.of)
    return {
        "numbered_first": float(leaf.at == 1),
        "numbered_next": float(follows and bool(last.at)),
        "numbered_later": float(leaf.at > 1 and not (follows and last.at)),
        "last_was_last": float(last.of > 0 and last.at == last.of),
        "last_had_more": float(last.of > last.at > 0 and leaf.at != 1),
        "one_of_one": float(leaf.at == leaf.of == 1),
        "unnumbered": float(leaf.at == 0 and last.at > 0),
    }


def _identity(leaf: Leaf, written: Sequence[Leaf]) -> dict[str, float]:
    known = {number for one in written for number in one.numbers}
    contacts = frozenset().union(*(one.contacts for one in written))
    shared = _overlap(leaf.contacts, contacts)
    head = max(_share(leaf.head, one.head) for one in (written[0], written[-1]))
    heads = bool(leaf.head) and any(one.head for one in written)
    return {
        "same_number": float(bool(known & leaf.numbers.keys())),
        "other_number": float(bool(known and leaf.numbers) and not known & leaf.numbers.keys()),
        "a_number": float(bool(leaf.numbers) and not known),
        "contacts_shared": shared,
        "contacts_other": float(bool(leaf.contacts and contacts) and not shared),
        "head_shared": head if heads else 0.0,
        "head_other": float(heads and head < 0.15),
    }


def _title(leaf: Leaf, first: Leaf, written: Sequence[Leaf]) -> dict[str, float]:
    again = bool(leaf.titles & first.titles)
    kinds = {one.kind for one in written if one.kind != "other"}
    return {
        "title": min(leaf.title / 4, 1.0) * (not again),
        "title_again": min(leaf.title / 4, 1.0) * again,
        "untitled": float(not leaf.title),
        "other_kind": leaf.sure * (leaf.kind != "other" and bool(kinds) and leaf.kind not in kinds),
        "same_kind": leaf.sure * (leaf.kind in kinds),
        "till": leaf.sure * (leaf.kind == "receipt"),  # a till's roll has no second page
    }


def _resized(leaf: Leaf, last: Leaf) -> bool:
    one, other = leaf.page, last.page
    return abs(one.width - other.width) > 0.04 * other.width or abs(one.height - other.height) > 0.04 * other.height


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one and other else 0.0


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / min(len(one), len(other)) if one and other else 0.0
