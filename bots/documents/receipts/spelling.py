"""Puts right what engines take for something else inside of words: digits among letters, letters among digits."""

from __future__ import annotations

import re
from functools import cache

from bots.documents.receipts.words import Country, place_words
from bots.documents.words.lexicon import squeeze

FOLDED = 5  # letters from which on a word is known again by the shapes of its letters
_ALIKE = str.maketrans("1lj0q58m", "iiioosbn")
_CAPITAL = str.maketrans("0158l|", "OISBII")
_SMALL = str.maketrans("0158|", "olsBl")
_POSTCODE = re.compile(r"\b(?=[\dOD]*\d{3})[\dOD]{5}\b")
_WORD = re.compile(r"[^\W_]{3,}|(?<=[^\W\d_])[01](?=[^\W\d_])")


def mended(text: str) -> str:
    """The text with letters that stand for digits inside of numbers put right: `4300O` is `43000`."""
    return _POSTCODE.sub(lambda match: re.sub("[OD]", "0", match.group()), text)


def unmixed(text: str) -> str:
    """The text with single digits and small letters inside of words put right: `5ONS` is `SONS`, `lNN` is `INN`."""
    return _WORD.sub(lambda match: _unmixed(match.group()), text)


def _unmixed(word: str) -> str:
    letters = [letter for letter in word if letter.isalpha()]
    digits = [place for place, letter in enumerate(word) if letter.isdigit()]
    if len(letters) < 3:
        return word
    capital = sum(letter.isupper() for letter in letters)
    if not digits:
        lone = [letter for letter in letters if letter.islower()]
        return word.replace("l", "I") if lone == ["l"] and capital >= 2 else word
    inside = len(digits) == 1 and (
        0 < digits[0] < len(word) - 1 or (digits[0] == 0 and capital == len(letters) and word[0] in "058")
    )
    if not inside or word[digits[0]] not in "0158":
        return word
    place = digits[0]
    table = _CAPITAL if capital >= len(letters) - 1 and len(letters) > 1 else _SMALL
    return word[:place] + word[place].translate(table) + word[place + 1 :]


def as_listed(text: str, country: Country | None) -> str:
    """The text with words of addresses as they are listed where letters were taken for others of the same shape."""
    if country is None:
        return text
    listed = _shapes(country.code)

    def mend(match: re.Match[str]) -> str:
        word = match.group()
        meant = listed.get(_shape(word))
        if meant is None or meant == squeeze(word):
            return word
        return meant.upper() if word.upper() == word else meant.capitalize()

    return re.sub(rf"[^\W_]{{{FOLDED},}}", mend, text)


def _shape(word: str) -> str:
    return squeeze(word).translate(_ALIKE).replace("rn", "n")


@cache
def _shapes(code: str) -> dict[str, str]:
    """The listed words of one country by the shapes of their letters; shapes that two words share are left out."""
    words = [letters for letters in place_words(code).meanings if len(letters) >= FOLDED]
    shapes: dict[str, str] = {}
    for word in words:
        shapes[_shape(word)] = "" if _shape(word) in shapes else word
    return {shape: word for shape, word in shapes.items() if word}
