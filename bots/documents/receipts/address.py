"""How much a line looks like part of a postal address: numbers of houses, words for streets and places, postcodes."""

from __future__ import annotations

import re

from bots.documents.receipts.spelling import mended
from bots.documents.receipts.words import Country, countries, place_words

_UNIT = re.compile(
    r"^\W*(?:no\b\.?|lot\b\.?|unit\b|level\b|blk\b|block\b|suite\b|ste\b|g/f|l/g|lg/f|p\.?\s?t\.?\s?\d|"
    r"(?:ground|first|second|third|\d{1,2}(?:st|nd|rd|th)) (?:fl|flr|floor)\b|km\b|plot\b|shop\b|kiosk\b|stall\b|ptd\b|"
    r"lg?-?\d|g-?\d|b-?\d|a-?\d|[a-z]\d{1,2}\.\d)[\s.:,]*[\w#&(]|^\W*[A-Z]{0,2}\d{0,3}(?:-[A-Z]{0,2}\d{1,4}[A-Z]?){1,3}(?=[,\s(])",
    re.IGNORECASE,
)
_HOUSE = re.compile(r"^\W*\d{1,5}\s?[A-Za-z]?(?:\s?[-&/+,]\s?\d{1,5}\s?[A-Za-z]?)*\s?[,.\s]\s*[^\W\d]", re.IGNORECASE)
_HOUSE_AFTER = re.compile(r"[^\W\d]{3,}\.?,?\s?\d{1,4}\s?[a-z]?(?:\s?[-/]\s?\d{1,4}\s?[a-z]?)?\W*$", re.IGNORECASE)
_ENDING = re.compile(
    r"(?:strasse|straße|stra(?:ss|ß)e|str\.?|gasse|weg|platz|allee|ufer|damm|straat|laan|plein|gracht|kade|steenweg|dreef)(?:\d{1,4}[a-z]?)?\b",
    re.IGNORECASE,
)
_BRANCH = re.compile(r"^\W*\d{3,4}\s?-\s?[^\W\d]{3}")
COMMA = 0.25


def postcode_in(text: str, country: Country | None) -> bool:
    """Whether a postcode stands in a text: the country's own, any country's where that is not known."""
    known = [country] if country is not None else list(countries().values())
    return any(one.postcode.search(mended(text)) for one in known)


def likeness(text: str, country: Country | None) -> float:
    """How much a line looks like part of an address: above 0 for one that does, 1 and more for a sure one."""
    words = place_words(country.code if country is not None else "")
    said = [meaning for spoken in words.find(text) for meaning in spoken.meanings]
    score = 0.0
    if _UNIT.match(text):
        score += 0.9
    elif _starts_with_house(text, country):
        score += 0.6
    if _HOUSE_AFTER.search(text) and len(text) > 6:
        score += 0.3
    if "street" in said or _ENDING.search(text):
        score += 0.9
    score += 0.4 * min(said.count("area"), 2)
    if "place" in said:
        score += 0.6
    if postcode_in(text, country):
        score += 0.9 if re.search(r"[^\W\d]{3}", text) else 0.6
    if _BRANCH.match(text):
        score += 0.3
    score += COMMA * min(text.count(","), 2)
    return score


def _starts_with_house(text: str, country: Country | None) -> bool:
    """Whether a line starts with the number of a house, and not with a postcode as `43000 KAJANG` does."""
    if not _HOUSE.match(text):
        return False
    known = [country] if country is not None else list(countries().values())
    coded = [found for one in known for found in [one.postcode.search(mended(text))] if found is not None]
    return not any(found.start() <= 1 for found in coded)


def starts_address(text: str, country: Country | None) -> bool:
    """Whether a line reads like the first of an address: a number of a house, a lot, a floor, or a street."""
    if _UNIT.match(text) or _starts_with_house(text, country) or _ENDING.search(text):
        return True
    words = place_words(country.code if country is not None else "").find(text)
    return bool(words) and "street" in words[0].meanings and words[0].start <= 2


def is_place(text: str, country: Country | None) -> bool:
    """Whether a line is little more than the name of a place or a land."""
    found = [
        one for one in place_words(country.code if country is not None else "").find(text) if "place" in one.meanings
    ]
    letters = sum(letter.isalpha() for letter in text)
    return bool(found) and sum(len(one.letters) for one in found) >= 0.85 * max(letters, 1)


def is_branch(text: str) -> bool:
    """Whether a line is the number and the place of a branch, `1032-RIVER PARK`, as chains print under an address."""
    return bool(_BRANCH.match(text))


def ends_address(text: str, country: Country | None) -> bool:
    """Whether a line holds what addresses end with: a postcode with its town, or the land."""
    return postcode_in(text, country) or is_place(text, country)
