"""Till rolls for the tests: pages made of lines of text as a till prints them."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import yaml

from bots.documents.document import Source
from bots.documents.pages.page import Page, Word

PITCH = 12.0  # points from line to line
LETTER = 5.0  # points from letter to letter


def roll(text: str, *, tilt: float = 0.0, source: Source = "text", confidence: float = 1.0) -> Page:
    """A page with one word for every run of letters; `tilt` is by how many points a line falls on its way of 100."""
    words = []
    for row, line in enumerate(text.splitlines()):
        for match in re.finditer(r"\S+", line):
            left, right = 20 + match.start() * LETTER, 20 + match.end() * LETTER
            top = 20 + row * PITCH + tilt * left / 100
            words.append(Word(match.group(), (left, top, right, top + 9), confidence))
    rows = len(text.splitlines())
    return Page(1, 300, 60 + PITCH * rows, words, source)


def tills() -> dict[str, dict[str, Any]]:
    """The receipts of `tills.yaml` by name: the text, and what a person reads on it."""
    loaded: dict[str, dict[str, Any]] = yaml.safe_load(
        Path(__file__).with_name("tills.yaml").read_text(encoding="utf-8")
    )
    return loaded


def heads() -> list[dict[str, str]]:
    """Heads of receipts from `shop_heads.yaml`: `name`, `address` and the `lines` as printed."""
    loaded: list[dict[str, str]] = yaml.safe_load(
        Path(__file__).with_name("shop_heads.yaml").read_text(encoding="utf-8")
    )
    return loaded


def worn(text: str, seed: int, share: float = 0.02) -> str:
    """The text with letters taken for others of the same shape, as on worn thermal paper; figures stay."""
    chance = random.Random(seed)
    alike = {"I": "l", "l": "1", "O": "0", "o": "c", "m": "n", "M": "N", "e": "c", "t": "f", "T": "I", "a": "o"}
    return "".join(alike.get(letter, letter) if chance.random() < share else letter for letter in text)
