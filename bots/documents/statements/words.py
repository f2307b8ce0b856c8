"""The words of bank statements, looked up by letters and digits alone; they stand in `words.yaml`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, TypeAlias

import yaml

from bots.documents.words.lexicon import squeeze

_LONGEST = 7  # words of a phrase
_TOKEN = re.compile(r"[^\W_]+|#")
List: TypeAlias = Literal[
    "opening",
    "closing",
    "totals",
    "money_in",
    "money_out",
    "daily",
    "card",
    "account",
    "issued",
    "bank",
    "currency",
    "came",
    "went",
]


@lru_cache(maxsize=1)
def _words() -> Mapping[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("words.yaml").read_text(encoding="utf-8"))
    return loaded


@lru_cache(maxsize=1)
def heads() -> Mapping[str, str]:
    """What stands in a column by the squeezed letters of its head."""
    listed: dict[str, str] = _words()["heads"]
    return {letters: kind for kind in reversed(list(listed)) for letters in _letters(listed[kind])}


@lru_cache(maxsize=16)
def phrases(name: List) -> frozenset[str]:
    """The squeezed letters of a list's phrases."""
    return _letters(_words()[name])


def _letters(listed: str) -> frozenset[str]:
    return frozenset(filter(None, (squeeze(phrase) for phrase in listed.split(";"))))


def spoken(texts: Iterable[str], name: List) -> frozenset[str]:
    """The phrases of the list that stand anywhere in these texts, as squeezed letters."""
    found: set[str] = set()
    for text in texts:
        words = [squeeze(word) for word in _TOKEN.findall(text)]
        for first in range(len(words)):
            runs = ("".join(words[first:end]) for end in range(first + 1, min(first + _LONGEST, len(words)) + 1))
            found.update(run for run in runs if run in phrases(name))
    return frozenset(found)


def starts_with(text: str, name: List) -> bool:
    """Whether a text begins with a phrase of the list, as whole words."""
    return _found((_TOKEN.findall(text)[:_LONGEST],), phrases(name))


def holds(text: str, name: List) -> bool:
    """Whether a phrase of the list stands anywhere in a text, as whole words."""
    words = _TOKEN.findall(text)
    return _found((words[start:][:_LONGEST] for start in range(len(words))), phrases(name))


def _found(runs: Iterable[list[str]], wanted: frozenset[str]) -> bool:
    for run in runs:
        letters = ""
        for word in run:
            letters += squeeze(word)
            if letters in wanted:
                return True
    return False


def label_ends(text: str, name: List) -> Iterator[int]:
    """Where phrases of the list end in a text, from left to right, the longest at each place."""
    words = list(_TOKEN.finditer(text))
    for first in range(len(words)):
        letters, end = "", None
        for word in words[first:][:_LONGEST]:
            letters += squeeze(word.group())
            end = word.end() if letters in phrases(name) else end
        if end is not None:
            yield end
