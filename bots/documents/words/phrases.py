"""Finds known phrases in a line by their letters alone; one wrong letter is forgiven where OCR read them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bots.documents.words.lexicon import FORGIVING, LONGEST, squeeze

_TOKEN = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase as it stands in a text: its place, its squeezed letters as they are listed, its number of words."""

    start: int
    end: int
    letters: str
    tokens: int


@dataclass(frozen=True)
class Phrases:
    """Listed phrases by their squeezed letters."""

    listed: frozenset[str]
    nearly: Mapping[str, str] = field(default_factory=dict)

    def find(self, text: str, *, forgiving: bool = False) -> Iterator[Phrase]:
        """The phrases of a text from left to right, the longest where they overlap."""
        tokens = list(_TOKEN.finditer(text))
        squeezed = [squeeze(token.group()) for token in tokens]
        position = 0
        while position < len(tokens):
            found = self._longest(squeezed, position, forgiving)
            if found is None:
                position += 1
                continue
            letters, length = found
            yield Phrase(tokens[position].start(), tokens[position + length - 1].end(), letters, length)
            position += length

    def _longest(self, squeezed: list[str], position: int, forgiving: bool) -> tuple[str, int] | None:
        for length in range(min(LONGEST, len(squeezed) - position), 0, -1):
            letters = "".join(squeezed[position : position + length])
            known = letters if letters in self.listed else self._near(letters) if forgiving else None
            if known is not None:
                return known, length
        return None

    def _near(self, letters: str) -> str | None:
        """The phrase that differs in one letter, if there is one."""
        if not FORGIVING <= len(letters) <= 60 or letters.isdigit():
            return None
        if letters in self.nearly:
            return self.nearly[letters]
        for place in range(len(letters)):
            shorter = letters[:place] + letters[place + 1 :]
            if shorter in self.listed:
                return shorter
            if shorter in self.nearly:
                return self.nearly[shorter]
        return None


def phrases(listed: frozenset[str]) -> Phrases:
    """The finder of these squeezed phrases."""
    nearly: dict[str, str] = {}
    for letters in sorted(listed):
        if len(letters) >= FORGIVING:
            for place in range(len(letters)):
                nearly.setdefault(letters[:place] + letters[place + 1 :], letters)
    return Phrases(listed, nearly)
