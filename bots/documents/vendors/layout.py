"""The layout of a vendor's documents as a fingerprint: the words that stand on every one of them, and where."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from bots.documents.pages.page import Page
from bots.documents.words.lexicon import squeeze

HASHES = 8
LEAST = 12  # words that must be common to two documents before they say anything
ALIKE = 0.9  # share of the common words that a document of the same layout has
NEAR = 24.0  # points by which a word may have moved

Place = tuple[str, float, float]
"""A word by its letters, with its left edge and its middle in points."""


def places(page: Page) -> list[Place]:
    """The words of a page that may be print of the form: letters only, each where it stands."""
    found = []
    for word in page.words:
        letters = squeeze(word.text)
        if len(letters) >= 3 and letters.isalpha():
            found.append((letters, round(word.box[0], 1), round(word.middle, 1)))
    return found


def layout_keys(page: Page) -> frozenset[str]:
    """Keys of which two documents of one layout almost surely share some (min-wise hashing of the words)."""
    words = {letters for letters, _, _ in places(page)}
    if len(words) < LEAST:
        return frozenset()
    return frozenset(f"layout:{n}:{min(_hash(n, word) for word in words):08x}" for n in range(HASHES))


def _hash(n: int, word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=4, salt=bytes([n])).digest())


def common(documents: Sequence[Iterable[Place]]) -> list[Place]:
    """The words that stand at the same place in all of the documents."""
    first, *others = [list(document) for document in documents]
    for other in others:
        first = [place for place in first if _stands(place, other)]
    return first


def fits(layout: Sequence[Place], page: Page) -> bool:
    """Whether a page has the layout: nearly all its words where they belong."""
    if len(layout) < LEAST:
        return False
    here = places(page)
    return sum(_stands(place, here) for place in layout) >= ALIKE * len(layout)


def _stands(place: Place, among: Iterable[Place]) -> bool:
    return any(
        place[0] == other[0] and abs(place[1] - other[1]) <= NEAR and abs(place[2] - other[2]) <= NEAR
        for other in among
    )
