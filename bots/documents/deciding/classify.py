"""What kind of document it is: its title, the words that speak for a kind, the shape of its page and of its lines."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from statistics import median
from typing import Any

import yaml

from bots.documents.pages.page import Line, Page
from bots.documents.words.lexicon import squeeze
from bots.documents.words.phrases import Phrase, Phrases, phrases

TYPES = (
    "invoice",
    "credit_note",
    "receipt",
    "order",
    "delivery_note",
    "statement",
    "reminder",
    "contract",
    "resume",
    "payslip",
    "other",
)
LOOKED_AT = 3  # pages; what a document is stands on its first ones
TITLE, EVIDENCE = 4.0, 5.0  # the most that a plain title, and all other words of a kind together, are worth
BEGUN = 1.5  # the worth of words from which on the look of the lines counts in full
SENTENCE = 6  # words besides the phrase from which on a cell is a sentence and the phrase no label in it
PROSE = frozenset({"contract", "reminder", "invoice"})  # kinds whose words stand in sentences
NOTHING = 2.2  # what a kind has to be worth before a document is no longer `other`
LARGE = 1.25  # times the height of the upper quarter of the words: the print of headings
NARROW, WIDE = (
    56,
    72,
)  # letters across the print: a till's roll has fewer than the first, an office's page more than the second
UNPRICED = {
    "delivery_note": 0.8,
    "invoice": -2.0,
    "receipt": -3.0,
    "credit_note": -1.5,
    "payslip": -2.0,
    "statement": -1.5,
    "reminder": -0.5,
}  # what it says of a document that no amount of money stands on it
_MONEY = re.compile(r"(?<![\d.,])\d{1,3}(?:[.,' ]?\d{3})*[.,]\d{2}(?![\d.,%])(?!\s?%)")
_DATE_FIRST = re.compile(
    r"\d{1,2}[./-]\d{1,2}(?:[./-]\d{2,4})?\b|\d{4}-\d\d-\d\d\b|\d{1,2} ?[A-Za-z]{3}\b|[A-Z][a-z]{2} \d{1,2}\b"
)
_YEARS = re.compile(
    r"\b(?:19|20)\d\d\s?[-–—]\s?(?:(?:\d\d[./])?(?:19|20)\d\d|[^\W\d]{4,})|\b\d\d[./](?:19|20)\d\d\s?[-–—]"
)
_CLAUSE = re.compile(
    r"(?:§|art(?:icle|icolo|ikel|\.)?|artículo|artigo|clause|cláusula|clausula)\s?\d|\d{1,2}\.(?:\d{1,2}\.?)?\s+[^\W\d]",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"\s*[-./]?\s*(?:(?:no|nr|n|num|number|numer|nummer|numero|número|date|datum|total|n[º°]|№)\b[.:º°]*|[:#º°])"
    r"|\s{2,}\S*\d",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    r"[^\W_]*\d\S*|[^\w\s]+"
    r"|\b(?:no|nr|n|num|number|numer|nummer|numero|número|vom|of|du|del|van|z|dnia|von|le|date|datum)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Classification:
    """The kind of a document, how sure it is (0..1), and the share of each kind that came into question."""

    type: str
    confidence: float
    shares: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class _Title:
    """A title as it stands: the phrase, its cell's text, what follows it on the line, and how high it is, in points."""

    phrase: Phrase
    text: str
    rest: str
    height: float


@dataclass(frozen=True)
class _Classes:
    titles: Mapping[str, tuple[str, ...]]
    endings: Mapping[str, str]
    evidence: Mapping[str, tuple[tuple[str, float], ...]]
    title_finder: Phrases
    evidence_finder: Phrases


def type_of(pages: list[Page]) -> str:
    """One of `TYPES`."""
    return classify(pages).type


def classify(pages: list[Page]) -> Classification:
    """The kind of document that these pages are, from the first of them."""
    if not any(page.words for page in pages):
        return Classification("other", 0.0, {})
    scores = defaultdict(float, {"other": NOTHING})
    for found in (title_scores(pages[0]), _evidence(pages[:LOOKED_AT])):
        for kind, score in found.items():
            scores[kind] += score
    for kind, score in _shape(pages).items():
        # Prose and spans of years are everywhere; they only add to what words have begun to say.
        begun = min(scores[kind] / BEGUN, 1.0) if kind in ("contract", "resume") else 1.0
        scores[kind] += score * begun
    highest = max(scores.values())
    weights = {kind: math.exp(score - highest) for kind, score in sorted(scores.items(), key=lambda one: -one[1])}
    whole = sum(weights.values())
    shares = {kind: weight / whole for kind, weight in weights.items()}
    first = next(iter(shares))
    return Classification(first, round(min(shares[first], 0.99), 3), shares)


def title_scores(page: Page) -> dict[str, float]:
    """How strongly the titles on a page speak for each kind: large, alone, high up."""
    if not page.words:
        return {}
    heights = sorted(word.height for word in page.words)
    large = LARGE * heights[len(heights) * 3 // 4]
    best: dict[str, float] = defaultdict(float)
    for line in page.lines:
        for title in _titles(line, forgiving=page.source == "ocr"):
            worth = TITLE * _stands_out(title, large=title.height > large) * _height(line, page)
            # `Delivery note: 4711` on an invoice names another document; a heading in large print does not.
            label = _LABEL.match(title.rest) is not None and title.height <= large
            for kind in _title_kinds(title.phrase.letters):
                best[kind] = max(best[kind], worth * (0.2 if label and kind != "invoice" else 1.0))
    return dict(best)


def _titles(line: Line, *, forgiving: bool) -> Iterator[_Title]:
    """The title words of each cell of a line."""
    for cell in line.cells:
        text = cell.text
        letters = text.split()
        spaced = len(letters) >= 5 and all(len(letter) == 1 for letter in letters)
        if spaced:
            text = "".join(letters)  # L I E F E R S C H E I N
        found = list(_classes().title_finder.find(text, forgiving=forgiving))
        first = re.match(r"[^\W\d_]{8,}", text)
        if first and squeeze(first.group()) not in _classes().titles and _ending(squeeze(first.group())):
            found.append(Phrase(0, first.end(), squeeze(first.group()), 1))
        for phrase in found:
            start, end = (cell.start, cell.end) if spaced else (cell.start + phrase.start, cell.start + phrase.end)
            box = line.box_of(start, end)
            yield _Title(phrase, text, text[phrase.end :] + line.text[cell.end :], box[3] - box[1])


def _stands_out(title: _Title, *, large: bool) -> float:
    """0..1.4: a title begins its cell, little follows it, and it is larger than the text or in capitals."""
    start, end = title.phrase.start, title.phrase.end
    before, after = title.text[:start].split(), _NUMBERED.sub(" ", title.text[end:]).split()
    if len(before) > 2 or len(after) > 7:
        return 0.08
    stands = 1.0 if not before and len(after) <= 1 else 0.85 if not before and len(after) <= 4 else 0.4
    if before and len(after) > 2:
        stands = 0.15
    return stands * (1.35 if large else 1.15 if title.text[start:end].isupper() else 0.9)


def _height(line: Line, page: Page) -> float:
    place = line.box[1] / max(page.height, 1.0)
    return 1.0 if place < 0.35 else 0.7 if place < 0.5 else 0.25


def _title_kinds(letters: str) -> tuple[str, ...]:
    known = _classes().titles.get(letters)
    return known if known is not None else tuple(filter(None, (_ending(letters),)))


def _ending(word: str) -> str | None:
    """The kind of a joined title: `invoice` for `Mietwagenrechnung`, and none for `Abrechnung`."""
    if word.endswith("abrechnung") and not word.endswith(("gehaltsabrechnung", "lohnabrechnung", "entgeltabrechnung")):
        return None
    endings = _classes().endings
    return next((endings[word[start:]] for start in range(1, len(word) - 4) if word[start:] in endings), None)


def _evidence(pages: list[Page]) -> dict[str, float]:
    """The words that speak for each kind, each once, and ever less the more there are already."""
    classes = _classes()
    best: dict[tuple[str, str], float] = defaultdict(float)
    for page in pages:
        for line in page.lines:
            for found in classes.evidence_finder.find(line.text, forgiving=page.source == "ocr"):
                prose = len(line.cell_at(found.start).text.split()) - found.tokens >= SENTENCE
                for kind, weight in classes.evidence[found.letters]:
                    worth = weight * (0.25 if prose and kind not in PROSE else 1.0)
                    best[kind, found.letters] = max(best[kind, found.letters], worth)
    sums: dict[str, float] = defaultdict(float)
    for (kind, _), worth in best.items():
        sums[kind] += worth
    return {kind: EVIDENCE * (1 - math.exp(-worth / EVIDENCE)) for kind, worth in sums.items()}


def _shape(pages: list[Page]) -> dict[str, float]:
    """What the look of the pages says: a till's roll, rows of dates and amounts, clauses, spans of years, no prices."""
    lines = [line for page in pages[:LOOKED_AT] for line in page.lines]
    priced = sum(bool(_MONEY.search(line.text)) for line in lines)
    booked = sum(bool(_DATE_FIRST.match(line.text) and _MONEY.search(line.text)) for line in lines)
    prose = sum(len(line.text.split()) >= 9 and not _MONEY.search(line.text) for line in lines)
    clauses = sum(bool(_CLAUSE.match(line.text) and not _MONEY.search(line.text)) for line in lines)
    years = sum(bool(_YEARS.search(line.text)) for line in lines)
    across = letters_across(pages[0])
    roll = min(max(WIDE - across, 0) / (WIDE - NARROW), 1.0) if len(lines) >= 8 else 0.0
    scores = defaultdict(
        float,
        {
            "statement": min(booked / 5, 1.5),
            "contract": min(clauses / 4, 1.2) * (1.0 if prose >= 3 else 0.3) + min(prose / 12, 1.0),
            "resume": min(years * 0.6, 1.8) if priced <= 3 else 0.0,
            "receipt": 3.5 * roll if roll else -1.5,
            "invoice": -2.5 * roll,  # `Tax invoice` on a till's roll is a receipt
        },
    )
    if not any(_MONEY.search(line.text) for page in pages for line in page.lines):
        for kind, worth in UNPRICED.items():
            scores[kind] += worth
    return dict(scores)


def letters_across(page: Page) -> float:
    """How many letters of the usual width fit between the left and the right edge of the print."""
    widths = [(word.box[2] - word.box[0]) / len(word.text) for word in page.words if len(word.text) > 2]
    usual = median(widths) if widths else 0.0
    if usual <= 0:
        return float(WIDE)
    left = min(word.box[0] for word in page.words)
    return (max(word.box[2] for word in page.words) - left) / usual


@lru_cache(maxsize=1)
def _classes() -> _Classes:
    """The word lists of `classes.yaml`, made once a process."""
    loaded: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("classes.yaml").read_text(encoding="utf-8"))
    titles: dict[str, list[str]] = defaultdict(list)
    for kind, text in loaded["titles"].items():
        for letters in _split(text):
            if kind not in titles[letters]:
                titles[letters].append(kind)
    evidence: dict[str, dict[str, float]] = defaultdict(dict)
    for kind, weights in loaded["evidence"].items():
        for weight, text in weights.items():
            for letters in _split(text):
                evidence[letters][kind] = max(float(weight), evidence[letters].get(kind, 0.0))
    endings = {letters: kind for kind, text in loaded["endings"].items() for letters in _split(text)}
    return _Classes(
        titles={letters: tuple(kinds) for letters, kinds in titles.items()},
        endings=endings,
        evidence={letters: tuple(kinds.items()) for letters, kinds in evidence.items()},
        title_finder=phrases(frozenset(titles)),
        evidence_finder=phrases(frozenset(evidence)),
    )


def _split(text: str) -> Iterable[str]:
    return filter(None, (squeeze(part) for part in text.split(";")))
