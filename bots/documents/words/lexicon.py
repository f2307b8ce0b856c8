"""The words beside a value, looked up by letters and digits alone; one wrong letter is forgiven where OCR read them.

The words themselves are in `lexicon.yaml`, in English, German, French, Spanish, Italian, Dutch, Portuguese and Polish.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from bots.documents.words.amounts import CODES

LONGEST = 7  # tokens a label may have
FORGIVING = 7  # letters from which on one wrong letter is forgiven
_TOKEN = re.compile(r"[^\W_]+|[#№]")
_PART = re.compile(r"[-/]\w*\d")  # `PO-77120` is a value, not the label PO
_TITLE_ENDINGS = ("rechnung", "invoice", "faktura", "facture", "factuur", "fattura", "gutschrift")
_COMPOUND = re.compile(r"(?:rechnung|factuur|faktura)$")  # of `Schlussrechnung`, `Verkoopfactuur`
_SHARP = str.maketrans({"ß": "ss", "ł": "l", "ø": "o", "æ": "ae", "№": "n", "#": "n"})


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a label stands for: a field and how strongly it speaks for it."""

    field: str
    strength: float


@dataclass(frozen=True, slots=True)
class Label:
    """A label in a line's text, with everything it may mean."""

    start: int
    end: int
    letters: str
    meanings: tuple[Meaning, ...]


@lru_cache(maxsize=65536)
def squeeze(text: str) -> str:
    """The letters and digits of a text, lower case, without accents: what two spellings of a label share."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_SHARP))
    return "".join(letter for letter in plain if letter.isalnum())


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Labels by their squeezed letters, the same with any one letter left out, and the words for titles."""

    labels: Mapping[str, tuple[Meaning, ...]]
    nearly: Mapping[str, str]
    titles: Mapping[str, str]

    def find(self, text: str, *, forgiving: bool = False) -> list[Label]:
        """The labels of a line, left to right, the longest first where they overlap."""
        tokens = list(_TOKEN.finditer(text))
        found: list[Label] = []
        position = 0
        while position < len(tokens):
            label, length = self._longest(text, tokens, position, forgiving)
            if label is None:
                position += 1
                continue
            # `Total (incl. VAT)` is a total; what stands in brackets only explains it.
            if not found or text.rfind("(", 0, label.start) <= text.rfind(")", 0, label.start):
                found.append(label)
            position += length
        return found

    def title(self, word: str) -> str | None:
        """The kind of document a word names: `invoice` for `Abschlagsrechnung`."""
        kind = self.titles.get(word)
        if kind is None and word.endswith(_TITLE_ENDINGS):
            return "credit_note" if word.endswith("gutschrift") else "invoice"
        return kind

    def _longest(
        self, text: str, tokens: list[re.Match[str]], position: int, forgiving: bool
    ) -> tuple[Label | None, int]:
        best: tuple[Label | None, int] = (None, 0)
        letters = ""
        for length, token in enumerate(tokens[position : position + LONGEST], start=1):
            between = text[tokens[position + length - 2].end() : token.start()] if length > 1 else ""
            if (
                "  " in between
                or "," in between
                or (")" in between and "(" not in text[tokens[position].start() : token.start()])
            ):
                break
            if token.group() in CODES and letters:
                continue  # `Montant EUR HT` is the label `Montant HT`
            letters += squeeze(token.group())
            meanings = self.labels.get(letters)
            if meanings is None and length == 1 and (compound := _COMPOUND.search(letters)):
                meanings = self.labels.get(compound.group())
            # `Rechnung Nr. R 60731`: a letter that follows a label is no misprint of it.
            longer = best[0] is None or len(letters) >= len(best[0].letters) + 3
            if meanings is None and forgiving and longer and len(letters) >= FORGIVING and not letters.isdigit():
                meanings = self.labels.get(self._near(letters) or "")
            if meanings and not _PART.match(text, token.end()):
                best = (Label(tokens[position].start(), token.end(), letters, meanings), length)
        return best

    def _near(self, letters: str) -> str | None:
        """The label that differs in one letter, if there is one."""
        for place in range(len(letters)):
            shorter = letters[:place] + letters[place + 1 :]
            if shorter in self.labels:
                return shorter
            if shorter in self.nearly:
                return self.nearly[shorter]
        return self.nearly.get(letters)


@lru_cache(maxsize=1)
def words() -> dict[str, Any]:
    """The word lists as written in `lexicon.yaml`."""
    loaded: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("lexicon.yaml").read_text(encoding="utf-8"))
    return loaded


def _spellings(text: str) -> Iterator[str]:
    """The listed labels; `n` for a number is also written `no`, `nr` and `num`: `n° de facture`, `factura nº`."""
    for label in text.split(";"):
        yield label
        parts = label.split()
        for place in (0, -1):
            if len(parts) > 1 and parts[place] == "n":
                for written in ("no", "nr", "num"):
                    yield " ".join([written, *parts[1:]] if place == 0 else [*parts[:-1], written])


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The lexicon, made once a process."""
    labels: dict[str, dict[str, float]] = {}
    for name, strengths in words()["labels"].items():
        for strength, text in strengths.items():
            for label in _spellings(text):
                meanings = labels.setdefault(squeeze(label), {})
                meanings[name] = max(float(strength), meanings.get(name, 0.0))
    labels.pop("", None)
    nearly: dict[str, str] = {}
    for letters in labels:
        if len(letters) >= FORGIVING:
            for place in range(len(letters)):
                nearly.setdefault(letters[:place] + letters[place + 1 :], letters)
    titles = {squeeze(title): kind for kind, text in words()["titles"].items() for title in text.split(";")}
    meant = {letters: tuple(Meaning(*pair) for pair in found.items()) for letters, found in labels.items()}
    return Lexicon(meant, nearly, titles)


@lru_cache(maxsize=1)
def legal_form() -> re.Pattern[str]:
    """Matches the legal form or the trade word that marks a company's name."""
    forms = sorted((form.strip() for form in words()["legal_forms"].split(";")), key=len, reverse=True)
    return re.compile(r"(?<![\w.])(?:" + "|".join(re.escape(form) for form in forms) + r")(?![\w])")


@lru_cache(maxsize=1)
def item_heads() -> frozenset[str]:
    """The squeezed headings of the quantities and of the prices of one in a table of line items."""
    columns = words()["columns"]
    heads = frozenset(squeeze(head) for name in ("quantity", "unit_price") for head in columns[name].split(";"))
    return heads - {"rate", "satz", "tarif", "tarief", "tarifa", "base"}  # they also head the rates of a table of taxes
