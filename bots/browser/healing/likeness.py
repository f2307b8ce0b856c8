"""How alike two elements are, by two weightings that trust different things.

The features and the first weighting follow Similo (Nass, Alégroth, Feldt, Leotta, Ricca: "Similarity-based Web Element
Localization for Robust Test Automation", 2022); the second trusts what a person sees. A feature that the remembered
element did not have, or that varied from run to run, has no say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from difflib import SequenceMatcher
from functools import cache
from math import hypot
from typing import Any

from bots.browser.healing.fingerprint import Features
from bots.browser.healing.wording import likeness

AS_BUILT: Mapping[str, float] = {
    "tag": 1.0,
    "type": 1.0,
    "role": 1.0,
    "id": 1.5,
    "called": 1.5,
    "testid": 1.5,
    "classes": 0.5,
    "href": 1.0,
    "onclick": 1.0,
    "name": 1.5,
    "text": 1.5,
    "label": 1.5,
    "placeholder": 1.0,
    "title": 1.0,
    "alt": 0.5,
    "icon": 0.5,
    "options": 1.0,
    "sort": 1.0,
    "form": 0.5,
    "heading": 0.5,
    "near": 1.5,
    "frame": 0.5,
    "path": 0.5,
    "place": 0.5,
    "shape": 0.5,
}
AS_SEEN: Mapping[str, float] = {
    "type": 0.5,
    "role": 1.5,
    "id": 0.5,
    "called": 0.5,
    "testid": 0.5,
    "href": 0.5,
    "onclick": 0.5,
    "name": 2.5,
    "text": 1.5,
    "label": 2.5,
    "placeholder": 1.5,
    "title": 1.0,
    "alt": 1.0,
    "icon": 1.0,
    "options": 1.0,
    "sort": 1.5,
    "heading": 1.0,
    "near": 1.5,
    "place": 1.0,
    "shape": 0.5,
}
_FAR = 400.0  # pixels: twice as far is as good as anywhere
_GENERATED = re.compile(r"\d|^:|^[a-z]{1,3}$", re.I)


def is_generated(name: str) -> bool:
    """An id such as `field3`, `ember412`, `:r1:`: made by a program, and given to another element next time."""
    return bool(_GENERATED.search(name))


def similarity(
    remembered: Features, candidate: Features, weights: Mapping[str, float], varied: Collection[str]
) -> float:
    """From 0 to 1: the weighted mean over what is known of the remembered element."""
    reached = possible = 0.0
    for name, weight in weights.items():
        source = {"place": "box", "shape": "box"}.get(name, name)
        known = remembered.get(source)
        if not known or source in varied:
            continue
        doubtful = name in ("id", "called", "testid") and is_generated(str(known))
        worth = weight / 2 if doubtful else weight
        possible += worth
        other = candidate.get(source)
        if other:
            reached += worth * _MEASURES[name](known, other)
    return reached / possible if possible else 0.0


def _equal(one: Any, other: Any) -> float:
    return float(one == other)


def _named(one: str, other: str) -> float:
    return likeness(one, other)


@cache
def _letters(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio() if one != other else 1.0


def _words(one: str, other: str) -> float:
    a, b = set(one.split()), set(other.split())
    return len(a & b) / len(a | b)


def _texts(one: Sequence[str], other: Sequence[str]) -> float:
    """How many of the texts are still there, in any wording known here."""
    return sum(max((likeness(text, each) for each in other), default=0.0) for text in one) / len(one)


def _place(one: Sequence[float], other: Sequence[float]) -> float:
    return max(0.0, 1.0 - hypot(one[0] - other[0], one[1] - other[1]) / _FAR)


def _shape(one: Sequence[float], other: Sequence[float]) -> float:
    a, b = max(one[2] * one[3], 1), max(other[2] * other[3], 1)
    return min(a, b) / max(a, b)


_MEASURES: Mapping[str, Callable[[Any, Any], float]] = {
    **dict.fromkeys(("tag", "type", "role", "id", "called", "testid", "frame", "sort"), _equal),
    **dict.fromkeys(("name", "text", "label", "placeholder", "title", "alt", "heading"), _named),
    **dict.fromkeys(("href", "onclick", "icon", "form", "path"), _letters),
    **dict.fromkeys(("options", "near"), _texts),
    "classes": _words,
    "place": _place,
    "shape": _shape,
}
