"""The lines at the top of a receipt: what each is, and how much it looks like a name and like an address."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from bots.documents.pages.page import Line
from bots.documents.receipts.address import likeness, postcode_in
from bots.documents.receipts.words import Country, vocabulary
from bots.documents.words.lexicon import squeeze

Kind: TypeAlias = Literal[
    "name", "address", "number", "contact", "title", "hours", "related", "branch", "junk", "body", "prose"
]

GLUED = 6  # letters from which on a word of trade is known inside of a longer word
# `(65351-M)`, `Co. No: 519537-X`, `202001012345` behind a name.
NUMBER_BEHIND = re.compile(
    r"[\s,]*[\[({]?\s*(?:co\.?|company|roc|reg\.?|regn|brn|ssm|no\.?|\W)*\s*"
    r"(?:[A-Z]{1,3}\d{5,}|\d{5,12}\s?[-–~.]?\s?[A-Z0-9]?)\s*[\])}]?\W*$",
    re.IGNORECASE,
)
LEGAL = re.compile(
    r"\b(?i:sdn\.?(?:bhd)?|bhd|berhad|[5s]/[b8]|pte|plt|ltd|limited|plc|llc|inc|gmbh|ohg|lda)\b"
    r"|\b(?i:s\.?a\.?r\.?l|sp\.? ?z ?o\.? ?o)\b"
    r"|\b(?:S\.A\.S?|S\.?p\.?A|S\.?P\.?A|S\.?[rR]\.?[lL]|S\.?L\.?U?|SAS|B\.?V|N\.?V|e\.\s?K|UG|AG)(?![\w])"
    r"|\bKG(?=\s*$|\s*\()"
)
_UNGLUED = re.compile(r"(?<=\d{3})(?=[A-ZÀ-Ý][^\W\d]{2})")  # `93350KUCHING` is a postcode and a town
_REGISTERED = re.compile(
    r"^\W*(?:(?:co|company|comp|business|biz)?\W*(?:reg|regn|registration|registered)?\W*(?:no|number|nr|id)?\W*)"
    r"[A-Z]{0,3}[\s-]?\d[\d ]{4,}\d?\s?-?\s?[A-Z]?\W*$",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"\b(?:reg|regn|id|no)\b\.?\s?(?:no)?\W{0,4}\d{7,}", re.IGNORECASE)
_PHONE = re.compile(r"(?:\+?\d[\d ()./–-]{6,}\d)")
_DATE = re.compile(r"\d{1,4}[-/.~]\d{1,2}[-/.~]\d{2,4}|\b\d{1,2}:\d\d\b")
_AMOUNT = re.compile(r"(?:RM|[$€£])\s?\d|(?<![A-Za-z\d])\d+[.,]\d\d(?!\d)")
_WEB = re.compile(r"@\w|www\.|https?:|\b[\w-]{3,}\.(?:com|net|org|co|de|fr|it|es|nl|pl|pt|my|sg|uk)\b", re.IGNORECASE)
_CONTACT_BEHIND = re.compile(
    r"(?<=[\s.,;])(?:tel(?:no|efono?)?|telephone|phone|fax|hp|h/p|t|ph|tél|tlf)\b\W{0,4}(?:no\W{0,4})?[+(]?\d",
    re.IGNORECASE,
)


@dataclass
class HeadLine:
    """A line of the head: what it is most likely, and how much it looks like a name and like an address."""

    line: Line
    text: str
    kind: Kind
    name: float = 0.0
    address: float = 0.0


def judged(line: Line, country: Country | None) -> HeadLine:
    """What a line is and how much it looks like a name and like an address."""
    text = _without_contact(_UNGLUED.sub(" ", re.sub(r"\s+", " ", line.text).strip()))
    kind = _kind(text)
    one = HeadLine(line, text, kind)
    if kind == "name":
        one.address = likeness(text, country)
        one.name = name_likeness(text)
        if one.address > 0.8 and not LEGAL.search(text):
            one.kind = "address"
    return one


def _without_contact(text: str) -> str:
    """A line without the telephone number that is printed behind the address in it."""
    cut = _CONTACT_BEHIND.search(text)
    return text[: cut.start()].rstrip(" ,;-|") if cut is not None and cut.start() > 8 else text


def _kind(text: str) -> Kind:
    letters = sum(letter.isalpha() for letter in text)
    spoken = vocabulary("header").find(text)
    begins = re.search(r"\w", text)
    first = spoken[0] if begins and spoken and spoken[0].start - begins.start() <= 3 else None
    heads = first.meanings if first is not None else frozenset()
    known = sum(one.end - one.start for one in spoken) / max(letters, 1)
    company = bool(LEGAL.search(text)) and bool(NUMBER_BEHIND.sub("", text))
    if company and not heads & {"registration", "contact"}:
        return "name"
    if _REGISTERED.match(text) or _NUMBERED.search(text) or ("registration" in heads and re.search(r"\d{4,}|:", text)):
        return "number"
    if ("contact" in heads and re.search(r"\d{3}|[:@]", text)) or _WEB.search(text):
        return "contact"
    if "hours" in heads and (re.search(r"\d|:", text) or known > 0.6):
        return "hours"
    if _DATE.search(text) or (_AMOUNT.search(text) and letters < 25):
        return "body"
    if "related" in heads:
        return "related"
    if "title" in heads and known >= 0.75 and first is not None and first.letters != "cash":
        return "title"
    keyed = ":" in text or (first is not None and bool(re.search(r"\d{3,}", text[first.end :])))
    if ("body" in heads and (keyed or known >= 0.7)) or ("title" in heads and ":" in text):
        return "body"
    if _PHONE.search(text) and letters < 6 and not (letters >= 3 and postcode_in(text, None)):
        return "contact"
    if "prose" in heads and known >= 0.4 and not company:
        return "prose"
    if re.match(r"^\(.*\)\W*$", text) and letters > 2:
        return "branch"
    return "junk" if _is_junk(text, letters) else "name"


def _is_junk(text: str, letters: int) -> bool:
    """Whether a line is a number or a code somebody stamped or wrote on the paper."""
    digits = sum(letter.isdigit() for letter in text)
    sparse = letters < 3 or letters < 0.35 * len(text.replace(" ", ""))
    coded = bool(re.match(r"^\W*[A-Z]{1,3}\s?\d{4,}\W*$", text))
    if not (sparse or coded) or (digits and likeness(text, None) > 0.8):
        return False
    return letters < 3 or digits > letters


def _glued_trade(text: str) -> bool:
    """Whether a word of trade sticks to the name: `FARMASICAHAYA`."""
    letters = squeeze(text)
    listed = vocabulary("names").meanings
    return any(letters[:length] in listed or letters[-length:] in listed for length in range(GLUED, len(letters) - 2))


def name_likeness(text: str) -> float:
    """How much a line looks like the name of a company or a shop, about 0..1.3."""
    said = vocabulary("names").said(text, forgiving=True)
    letters = sum(letter.isalpha() for letter in text)
    score = 0.5
    if LEGAL.search(text):
        score += 0.6
    elif "form" in said:
        score += 0.4
    if "trade" in said or (not said and _glued_trade(text)):
        score += 0.25
    if letters < 4:
        score -= 0.3
    if re.search(r"\d{3,}", NUMBER_BEHIND.sub("", text)):
        score -= 0.3
    if text == text.lower():
        score -= 0.3
    return score
