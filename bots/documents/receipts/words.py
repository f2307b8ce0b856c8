"""The words of receipts, from `words.yaml`, found by their letters with one wrong letter forgiven."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml

from bots.documents.words.lexicon import squeeze

LONGEST = 4  # words a phrase may have
FORGIVING = 6  # letters from which on one wrong letter is forgiven
SHORT = 5  # the same beside amounts, where words are few and `total` matters
SURE = 9  # the same for several words together, which other words come near to by chance
_TOKEN = re.compile(r"[A-ZÀ-Þ]?[a-zß-ÿœłżźćńśąęó]+|[A-ZÀ-ÞŒŁŻŹĆŃŚĄĘ]+(?![a-z])|[^\W\d_]+|\d+|#")
_INSIDE = re.compile(r"(?<=[A-Z])[0158](?=[A-Z]{2})|(?<=[A-Z]{2})[0158](?=[A-Z])")  # `T0TAL`


@dataclass(frozen=True, slots=True)
class Spoken:
    """A known phrase as it stands in a text: its place, its letters as listed, what it may mean."""

    start: int
    end: int
    letters: str
    meanings: frozenset[str]


@dataclass(frozen=True)
class Vocabulary:
    """Phrases by their squeezed letters, each with what it may mean, and the same with any one letter left out."""

    meanings: Mapping[str, frozenset[str]]
    nearly: Mapping[str, str]
    least: int = FORGIVING

    def find(self, text: str, *, forgiving: bool = True) -> list[Spoken]:
        """The phrases of a text from left to right, the longest where they overlap; words may stick together."""
        text = _INSIDE.sub(lambda match: {"0": "O", "1": "I", "5": "S", "8": "B"}[match.group()], text)
        tokens = [(match.start(), match.end(), squeeze(match.group())) for match in _TOKEN.finditer(text)]
        found: list[Spoken] = []
        position = 0
        while position < len(tokens):
            spoken, length = self._longest(text, tokens, position, forgiving)
            if not spoken:
                spoken = self._glued(tokens[position])
            found.extend(spoken)
            position += max(length, 1)
        return found

    def said(self, text: str, *, forgiving: bool = True) -> frozenset[str]:
        """Everything the phrases of a text may mean."""
        return frozenset().union(*(spoken.meanings for spoken in self.find(text, forgiving=forgiving)))

    def _longest(
        self, text: str, tokens: list[tuple[int, int, str]], position: int, forgiving: bool
    ) -> tuple[list[Spoken], int]:
        for length in range(min(LONGEST, len(tokens) - position), 0, -1):
            part = tokens[position : position + length]
            if length > 1 and len(text[part[0][1] : part[-1][0]]) > 40:
                continue
            letters = "".join(token for _, _, token in part)
            sure = forgiving and (length == 1 or len(letters) >= SURE)
            known = letters if letters in self.meanings else self._near(letters) if sure else None
            if known is not None:
                return [Spoken(part[0][0], part[-1][1], known, self.meanings[known])], length
        return [], 0

    def _near(self, letters: str) -> str | None:
        """The phrase of the same length, or one letter longer or shorter, that differs in one letter."""
        if len(letters) < self.least or letters.isdigit():
            return None
        if letters in self.nearly:
            return self.nearly[letters]
        for place in range(len(letters)):
            shorter = letters[:place] + letters[place + 1 :]
            known = shorter if shorter in self.meanings else self.nearly.get(shorter)
            if known is not None and len(known) >= self.least:
                return known
        return None

    def _glued(self, token: tuple[int, int, str]) -> list[Spoken]:
        """`TOTALSALES` is two words without the space between them."""
        start, end, letters = token
        if len(letters) < 6 or end - start != len(letters):
            return []
        for cut in range(len(letters) - 2, 1, -1):
            head, tail = letters[:cut], letters[cut:]
            if head in self.meanings and len(head) >= 3:
                rest = (
                    [Spoken(start + cut, end, tail, self.meanings[tail])]
                    if tail in self.meanings
                    else self._glued((start + cut, end, tail))
                )
                if rest:
                    return [Spoken(start, start + cut, head, self.meanings[head]), *rest]
        return []


@dataclass(frozen=True)
class Country:
    """How a country writes: its words for streets, areas and places, its postcode, whether days come first."""

    code: str
    day_first: bool
    signs: frozenset[str]
    postcode: re.Pattern[str]


@lru_cache(maxsize=1)
def _words() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("words.yaml").read_text(encoding="utf-8"))
    return loaded


@cache
def vocabulary(section: str) -> Vocabulary:
    """The phrases of `amounts`, `dates`, `header` or `names`, and `signs` for those of the countries."""
    if section == "signs":
        return _vocabulary({code: one["signs"] for code, one in _words()["countries"].items()})
    if section == "names":
        return _vocabulary({"form": _words()["forms"], "trade": _words()["trades"]})
    return _vocabulary(_words()[section], SHORT if section == "amounts" else FORGIVING)


@cache
def place_words(code: str) -> Vocabulary:
    """The words of a country's addresses: `street`, `area`, `place`; of all countries together where it is empty."""
    merged: dict[str, list[str]] = {"street": [], "area": [], "place": []}
    for own, one in _words()["countries"].items():
        if code in ("", own):
            merged["street"].append(one["streets"])
            merged["area"].append(one["areas"])
            merged["place"].append(one["places"])
    return _vocabulary({meaning: ";".join(texts) for meaning, texts in merged.items()})


@lru_cache(maxsize=1)
def countries() -> Mapping[str, Country]:
    """All countries by their code."""
    return {
        code: Country(
            code,
            one["order"] == "day",
            frozenset(squeeze(sign) for sign in one["signs"].split(";")),
            re.compile(one["postcode"]),
        )
        for code, one in _words()["countries"].items()
    }


def _vocabulary(sections: Mapping[str, str], least: int = FORGIVING) -> Vocabulary:
    meanings: dict[str, set[str]] = {}
    known: set[str] = set()  # letters that are told although one of them is wrong
    for meaning, text in sections.items():
        for phrase in text.split(";"):
            letters = squeeze(phrase)
            if letters:
                meanings.setdefault(letters, set()).add(meaning)
                if len(phrase.split()) == 1 or len(letters) >= SURE:
                    known.add(letters)
    nearly: dict[str, str] = {}
    for letters in sorted(known):
        if len(letters) >= least:
            for place in range(len(letters)):
                nearly.setdefault(letters[:place] + letters[place + 1 :], letters)
    return Vocabulary({letters: frozenset(found) for letters, found in meanings.items()}, nearly, least)
