"""The head of a receipt: which lines name the shop, which give its address, and which are neither."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bots.documents.document import Box
from bots.documents.pages.page import Line, Page, union
from bots.documents.receipts.address import ends_address, is_branch, is_place, postcode_in, starts_address
from bots.documents.receipts.lines import LEGAL, NUMBER_BEHIND, HeadLine, judged, name_likeness
from bots.documents.receipts.spelling import as_listed, mended, unmixed
from bots.documents.receipts.words import Country, vocabulary
from bots.documents.words.lexicon import legal_form, squeeze

FLOOR = 0.2  # of the score of a name that has anything to speak for it
LIKELY = 0.8  # likeness to an address from which on a line is one
COVERED = 0.25  # for an address that takes in all the lines that look like one
DEPTH = 24  # lines from the top that may belong to the head
_FORM_FIRST = re.compile(
    r"(?:enterprises?|trading|holdings?|company|co\.|corporation|sdn|bhd|limited|ltd)(?!\w)", re.IGNORECASE
)
_BRACKETED = re.compile(r"\([^()\d]{1,30}\)")
_OPEN_END = re.compile(r"(?:[,&-]|(?<!\d)\d{5,6}\W?)$")
_MISREAD_FORM = re.compile(r"(?<=\s)[5S8]/[B8](?=$|[\s(])")
_MISREAD_LIMITED = re.compile(r"\b(?:S[DOIJBUL0][NM]|5DN)(?P<gap>[.,]?\s?)[B8][HNMR][DO0][I1l|]?(?!\w)", re.IGNORECASE)


_SEVERAL_NUMBERS = re.compile(
    r"[\s,]*[\[({]\s*\d{9,12}\s*[\[({]\s*\d{4,7}\s?-\s?[A-Z]\s*[\])}]\s*[\])}]?\W*$", re.IGNORECASE
)


@dataclass(frozen=True)
class Head:
    """A name or an address: its text, its lines, its score 0..1 and the measures behind it."""

    text: str
    lines: tuple[Line, ...]
    score: float
    measures: dict[str, float] = field(default_factory=dict, compare=False)

    @property
    def box(self) -> Box:
        return union(line.box for line in self.lines)

    @property
    def reading(self) -> float:
        return min(line.confidence_of(0, len(line.text)) for line in self.lines)


@dataclass
class _Block:
    """The lines of an address, in order, as places in the head."""

    first: int
    last: int
    score: float


def head_of(page: Page, country: Country | None) -> tuple[list[Head], list[Head]]:
    """The names and the addresses of the shop that the top of a page may give, best first."""
    lines = [judged(line, country) for line in page.lines[:DEPTH]]
    lines = lines[: _end(lines)]
    if not lines:
        return [], []
    _stand_out(lines)
    blocks = _blocks(lines, country)
    names: dict[str, Head] = {}
    addresses: dict[str, Head] = {}
    joined: list[tuple[float, Head, Head | None]] = []
    for block in [*blocks, None]:
        for name in _names(lines, block, page):
            address = _address(lines, block, country) if block is not None else None
            if address is not None:
                address.measures["under_name"] = name.measures["adjoining"]
                name.measures["over_address"] = address.measures["started"]
            whole = COVERED * min(block.score / 4, 1.0) if block is not None else 0.0
            joined.append((name.score + (address.score if address else 0.0) + whole, name, address))
    for _, name, address in sorted(joined, key=lambda one: -one[0]):
        names.setdefault(squeeze(name.text), name)
        if address is not None:
            addresses.setdefault(squeeze(address.text), address)
    return _falling(list(names.values())), _falling(list(addresses.values()))


def _falling(found: list[Head]) -> list[Head]:
    """In the order of joint choice, no score above the one before it."""
    kept: list[Head] = []
    most = 1.0
    for head in found:
        most = min(most, head.score)
        kept.append(Head(head.text, head.lines, most, head.measures))
    return kept


def _end(lines: Sequence[HeadLine]) -> int:
    """Where the head ends: at the first row of the sale, unless the address only comes after it."""
    begun = addressed = False
    for index, one in enumerate(lines):
        if one.kind == "body" and index >= 1 and begun:
            comes = any(other.address > 0.8 and other.kind == "address" for other in lines[index + 1 : index + 6])
            if addressed or not comes:
                return index
        begun = begun or one.name > 0.3
        addressed = addressed or (begun and one.address > 0.8)
    return len(lines)


def _stand_out(lines: Sequence[HeadLine]) -> None:
    """Lines that do not stand in one column with the others were stamped or written on the paper later."""
    heights = sorted(one.line.height for one in lines)
    usual = heights[len(heights) // 2]
    centres = sorted((one.line.box[0] + one.line.box[2]) / 2 for one in lines)
    lefts = sorted(one.line.box[0] for one in lines)
    width = max(one.line.box[2] for one in lines) - lefts[0]
    for one in lines:
        if one.kind != "name":
            continue
        off_centre = abs((one.line.box[0] + one.line.box[2]) / 2 - centres[len(centres) // 2]) / max(width, 1)
        off_left = abs(one.line.box[0] - lefts[len(lefts) // 2]) / max(width, 1)
        if one.line.height > 1.7 * usual and not LEGAL.search(one.text):
            one.name -= 0.25
        if min(off_centre, off_left) > 0.14:
            one.name -= 0.2


def _blocks(lines: Sequence[HeadLine], country: Country | None) -> list[_Block]:
    """The runs of lines that may be the address, best first."""
    found = []
    for first in range(len(lines)):
        if lines[first].kind not in ("address", "name"):
            continue
        if LEGAL.search(lines[first].text) and not starts_address(lines[first].text, country):
            continue
        total, best = 0.0, None
        for last in range(first, min(first + 7, len(lines))):
            one = lines[last]
            if one.kind not in ("address", "name"):
                break
            if last > first and one.line.box[1] - lines[last - 1].line.box[3] > 1.5 * one.line.height:
                break
            total += _gain(lines, first, last, country)
            if total > 0.5 and (best is None or total >= best.score):
                best = _Block(first, last, total)
        if best is not None:
            bonus = 0.5 if starts_address(lines[first].text, country) else 0.0
            found.append(_Block(first, best.last, best.score + bonus))
    kept: list[_Block] = []
    for block in sorted(found, key=lambda block: -block.score):
        if len(kept) < 3:
            kept.append(block)
    return kept


def _gain(lines: Sequence[HeadLine], first: int, last: int, country: Country | None) -> float:
    """What a line adds to the address that starts at the first one; below 0 where it speaks against it."""
    one = lines[last]
    ended = last > first and _ended(lines, first, last, country)
    if one.address > 0.2:
        gain = one.address
    elif last > first and not ended:
        gain = 0.05  # a name of a building or a village that no list knows
    else:
        gain = 0.1 if first and lines[first - 1].kind == "number" else -0.25
    if not starts_address(one.text, country):
        gain -= 1.2 if LEGAL.search(one.text) else 0.8 if one.name > 0.7 and one.address < 0.5 else 0.0
    if ended:
        gain = min(gain, 0.5) - (0.0 if is_branch(one.text) or _goes_on_there(one) else 0.8)
    return gain


def _goes_on_there(one: HeadLine) -> bool:
    """Whether a line is the rest of a town with its state, `JAYA, SELANGOR`, and not the name of a mall."""
    return one.address >= LIKELY and "," in one.text


def _ended(lines: Sequence[HeadLine], first: int, last: int, country: Country | None) -> bool:
    """Whether the address has come to its end before this line: a comma or a bare postcode before it leaves it open."""
    if is_place(lines[last].text, country) or _OPEN_END.search(lines[last - 1].text):
        return False
    return any(ends_address(one.text, country) for one in lines[first:last])


def _address(lines: Sequence[HeadLine], block: _Block, country: Country | None) -> Head:
    taken = lines[block.first : block.last + 1]
    text = mended(re.sub(r"\s+", " ", " ".join(one.text for one in taken)).strip(" ,;\"'*"))
    if any(word.confidence < 1 for one in taken for word in one.line.words):
        text = as_listed(unmixed(text), country)
    coded = any(postcode_in(one.text, country) for one in taken)
    started = starts_address(taken[0].text, country)
    mean = sum(min(one.address, 1.5) for one in taken) / len(taken)
    weakest = min(one.address for one in taken)
    score = min(0.2 + 0.25 * coded + 0.2 * started + 0.2 * min(mean, 1.5) / 1.5 + 0.1 * min(len(taken), 3) / 3, 0.98)
    stop = lines[block.last + 1].kind if block.last + 1 < len(lines) else "body"
    over = lines[block.first - 1] if block.first else None
    opened = over is not None and (over.kind in ("number", "related", "contact") or bool(LEGAL.search(over.text)))
    beyond = lines[block.last + 1 : block.last + 3]
    measures = {
        "postcode": 1.0 if coded else 0.0,
        "started": 1.0 if started else 0.0,
        "likeness": min(mean, 1.5) / 1.5,
        "weakest": min(max(weakest, 0.0), 1.0),
        "closed": 1.0 if stop in ("number", "contact", "title", "body", "hours") else 0.0,
        "opened": 1.0 if opened else 0.0,
        "ended": 1.0 if ends_address(taken[-1].text, country) else 0.0,
        "no_more": 0.0 if any(other.kind in ("name", "address", "branch") for other in beyond) else 1.0,
        "known": sum(one.address > 0.3 for one in taken) / len(taken),
    }
    return Head(text, tuple(one.line for one in taken), score, measures)


def _names(lines: Sequence[HeadLine], block: _Block | None, page: Page) -> Iterator[Head]:
    """The names that may go with an address: those over it first."""
    stop = block.first if block is not None else len(lines)
    rank = 0
    for index in range(stop):
        one = lines[index]
        if one.kind not in ("name", "address") or one.name <= 0 or (index and _goes_on(lines[index - 1], one)):
            continue
        between = [other for other in lines[index + 1 : stop] if other.kind in ("name", "address")]
        text, taken = _spelled(lines, index, stop)
        between = [other for other in between if other.line not in taken]
        legal_below = any(LEGAL.search(other.text) and not other.text.startswith("(") for other in between)
        score = 0.35 * name_likeness(text) * (one.name / max(name_likeness(one.text), 0.1)) + 0.18 * (0.6**rank)
        if block is not None:
            score += 0.16 * 0.7 ** len(between)
        if LEGAL.search(text):
            score += 0.15
        elif legal_below:
            score -= 0.12
        if index and _introduces(lines[index - 1]):
            score -= 0.25
        if one.kind == "address":
            score -= 0.3 if starts_address(one.text, None) or one.address > 1.2 else 0.1
        if not rank and one.kind == "name" and 0.3 < one.address < LIKELY:
            score += 0.12  # a chain's name with that of the place, which nobody stamps
        if one.text.startswith("("):
            score -= 0.5
        if _fuller(one, lines[:index]):
            score += 0.25
        unsure = any(other.kind in ("prose", "junk", "body") for other in lines[index + 1 : stop])
        repeated = _repeated(one, page)
        score += 0.08 * repeated
        rank += 1
        measures = {
            "legal": 1.0 if LEGAL.search(text) else 0.0,
            "form": 1.0 if vocabulary("names").said(text) else 0.0,
            "first": 1.0 if rank == 1 else 0.0,
            "adjoining": 1.0 if block is not None and not between and not unsure else 0.0,
            "repeated": 1.0 if repeated else 0.0,
            "alone": 1.0 if len(between) + rank == 1 else 0.0,
            "numbered": 1.0 if index + len(taken) < len(lines) and lines[index + len(taken)].kind == "number" else 0.0,
        }
        # A weak name is still more likely than none.
        yield Head(text, tuple(taken), min(FLOOR + (1 - FLOOR) * score, 0.97) if score > 0 else 0.0, measures)


def _spelled(lines: Sequence[HeadLine], index: int, stop: int) -> tuple[str, list[Line]]:
    """A name as written, with the line that goes on with it where it ends in the middle."""
    one = lines[index]
    text, taken = one.text, [one.line]
    if index + 1 < stop and _goes_on(one, lines[index + 1]):
        text, taken = f"{text} {lines[index + 1].text}", [*taken, lines[index + 1].line]
    scanned = any(word.confidence < 1 for line in taken for word in line.words)
    return unmixed(cleaned(text)) if scanned else cleaned(text), taken


def _goes_on(one: HeadLine, after: HeadLine) -> bool:
    """Whether a name goes on with the next line: it breaks off, or only the legal form follows."""
    if one.kind != "name" or after.kind != "name" or LEGAL.search(one.text) or one.name <= 0.1:
        return False
    if _FORM_FIRST.match(after.text):
        return True
    return _is_form(NUMBER_BEHIND.sub("", after.text)) or bool(re.search(r"(?:&|\band|\bof|\s-)$", one.text))


def _introduces(before: HeadLine) -> bool:
    """Whether a line says that the next one is another company: `formerly known as`, `a member of`."""
    if before.kind != "related":
        return False
    known = sum(len(one.letters) for one in vocabulary("header").find(before.text) if "related" in one.meanings)
    return known >= 0.8 * sum(letter.isalnum() for letter in before.text)


def _fuller(one: HeadLine, before: Sequence[HeadLine]) -> bool:
    """Whether a line gives in full a name that a line over it gives in short, as a logo does."""
    letters = squeeze(one.text)
    return any(
        other.kind == "name" and len(squeeze(other.text)) >= 5 and letters.startswith(squeeze(other.text))
        for other in before
    )


def _is_form(text: str) -> bool:
    """Whether a line is nothing but a legal form or a word of trade: `CO. (M) SDN BHD`, `Restaurant`."""
    rest = _BRACKETED.sub(" ", text)
    said = vocabulary("names").find(rest, forgiving=False)
    known = sum(len(one.letters) for one in said)
    return bool(known) and known >= sum(letter.isalnum() for letter in rest)


def cleaned(text: str) -> str:
    """A name without the registration number behind it, and its legal form as it is meant (`5/B` is `S/B`)."""
    bare = _SEVERAL_NUMBERS.sub("", text)
    for _ in range(2):  # the new number and the old one
        shorter = NUMBER_BEHIND.sub("", bare)
        bare = shorter if len(shorter) > 3 else bare
    bare = _MISREAD_FORM.sub("S/B", bare)
    bare = _MISREAD_LIMITED.sub(_limited, bare)
    return bare.strip(" ,;:|*-_~\"'")


def _limited(match: re.Match[str]) -> str:
    written = f"SDN{match['gap']}BHD"
    return written if match.group()[:2].isupper() else written.title()


def _repeated(one: HeadLine, page: Page) -> bool:
    """Whether the name stands on the page again, as in `thank you for shopping at`, or in a web address."""
    letters = squeeze(legal_form().sub("", cleaned(one.text)))
    if len(letters) < 5:
        return False
    rest = [squeeze(line.text) for line in page.lines if line is not one.line]
    return any(letters in text for text in rest) or any(
        len(domain) > 4 and (domain in letters or letters in domain)
        for line in page.lines
        for domain in re.findall(r"(?:www\.|@)([a-z0-9-]+)\.", line.text.lower())
    )
