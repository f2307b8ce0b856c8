"""Who wrote the document and to whom: names from labels, address blocks, sender lines, letterheads and footers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from bots.documents.atoms import Atom
from bots.documents.claims import Marked, Marks
from bots.documents.document import Box
from bots.documents.lexicon import legal_form, squeeze
from bots.documents.page import Cell, Line, Page

_POSTAL = re.compile(
    r"(?:^|[\s,])(?:(?:[A-Z]{1,3}[- ])?\d{4,6}(?:-\d{3,4})?[ ]?[A-ZÄÖÜÉÀ]|[A-Z]{2} \d{5}"
    r"|[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b|\d{4} [A-Z]{2}\b)"
)
_SENDER = re.compile(r"\s*[·•|●∙◦–]\s*|\s+[-*]\s+")
_NAMED = re.compile(
    r"^(?:name|firma|company|company name|nom|nombre|nome|raison sociale|ragione sociale|naam|nazwa)\s*:"
    r"\s*(?P<name>.+)$",
    re.IGNORECASE,
)
_COMMA = re.compile(r",\s+")
_PAYEE = re.compile(
    r"(?:account name|account holder|payable to|remit to|beneficiary|kontoinhaber|zahlungsempfänger"
    r"|titulaire(?: du compte)?|intestatario|titular)\s*:?\s+(?P<name>[^,;·|]{4,60})",
    re.IGNORECASE,
)
_REGISTER = re.compile(
    r"\b(?:HRB|HRA|FN|RCS|SIREN|SIRET|KvK|REA|registergericht|handelsgericht|amtsgericht|registered|company no|"
    r"VAT|USt|UID|TVA|BTW|IVA|IBAN|capital)\b",
    re.IGNORECASE,
)
_STREET = re.compile(r"(?:^\d+[a-z]?\s)|(?:[^\W\d]{3,}\.?\s\d{1,4}\s?[a-z]?$)", re.IGNORECASE)
_KEYED = re.compile(r"^[^\W\d][\w .\-/]{1,28}\s?:")
_DOMAIN = re.compile(
    r"(?:www\.|@|https?://|(?<![\w.-])"
    r"(?=[a-z0-9-]{5,}\.(?:de|com|at|ch|fr|nl|it|es|pl|pt|eu|net|org|co|io|example)\b))"
    r"(?P<domain>[a-z0-9äöü\-]+(?:\.[a-z0-9\-]+)*)\.(?:[a-z]{2,7})\b",
    re.IGNORECASE,
)
_PRIVATE_MAIL = frozenset(
    {"gmail", "gmx", "web", "yahoo", "hotmail", "outlook", "tonline", "icloud", "orange", "free", "aol"}
)
_NOT_NAME = re.compile(
    r"@|www\.|https?:|\d{5,}|\b(?:iban|bic|swift|tel|fax|telefon|phone|email|e-mail|geschäftsführer\w*|amtsgericht|"
    r"registergericht|handelsregister|street|straße|strasse|str\.|rue|avenue|page|seite|datum|date|thank|dear|"
    r"sehr geehrte\w*|total|summe|capital|bank|sparkasse|volksbank|kontoinhaber|nummer|number)\b",
    re.IGNORECASE,
)


@dataclass
class Name:
    """A possible name with its place and what speaks for either role."""

    text: str
    page: int
    box: Box
    confidence: float
    seller: float = 0.0
    buyer: float = 0.0


@dataclass
class Parties:
    """The names found, and where the buyer's part of the page is."""

    names: list[Name] = field(default_factory=list)

    def best(self, role: str) -> list[Name]:
        """Names for `seller` or `buyer`, best first."""
        return sorted(
            (name for name in self.names if getattr(name, role) > 0.25), key=lambda name: -float(getattr(name, role))
        )

    def block_of(self, atom: Atom) -> str | None:
        """Whose a value is by the name that stands over it at the same left edge; None where that is nobody's."""
        x0, y0 = atom.line.cell_at(atom.start).box[:2]
        over = [
            name
            for name in self.names
            if name.page == atom.line.page and abs(name.box[0] - x0) < 14 and 0 < y0 - name.box[1] < 110
        ]
        nearest = max(over, key=lambda name: max(name.seller, name.buyer), default=None)
        if nearest is None or max(nearest.seller, nearest.buyer) < 0.4:
            return None
        return "buyer" if nearest.buyer > nearest.seller else "seller"


def parties_of(pages: list[Page], marks: Marks, atoms: list[Atom], *, receipt: bool = False) -> Parties:
    """Collect and weigh the names of a document."""
    found: dict[str, Name] = {}
    for page in pages[:2]:
        for name in (
            *_labelled(page, marks),
            *_sender_lines(page),
            *_payees(page),
            *_blocks(page, marks),
            *_companies(page),
            *_letterhead(page, marks, receipt),
        ):
            key = squeeze(name.text)
            if len(key) < 3:
                continue
            known = found.get(key)
            if known is None:
                found[key] = name
                continue
            # Evidence of different kinds adds up, but a label never becomes surer than sure.
            known.seller = min(0.99, known.seller + 0.6 * name.seller)
            known.buyer = min(0.99, known.buyer + 0.6 * name.buyer)
    names = _whole(list(found.values()))
    _domains(pages, names)
    _near_tax_id(names, atoms, marks)
    for name in names:
        if legal_form().search(name.text):
            name.seller += 0.08 if name.seller else 0
            name.buyer += 0.08 if name.buyer else 0
        if name.buyer > name.seller:
            name.seller *= 0.4
        elif name.seller > name.buyer:
            name.buyer *= 0.4
    return Parties(names)


def _whole(names: list[Name]) -> list[Name]:
    """`Rosenhof` of the letterhead and `Rosenhof Feinkost KG` of the footer are one name: the one in full."""
    kept: list[Name] = []
    for name in sorted(names, key=lambda name: -len(squeeze(name.text))):
        key = squeeze(name.text)
        full = next((other for other in kept if squeeze(other.text).startswith(key) and _in_full(other, name)), None)
        if full is None:
            kept.append(name)
            continue
        full.seller = min(0.99, full.seller + 0.8 * name.seller)
        full.buyer = min(0.99, full.buyer + 0.8 * name.buyer)
    return kept


def _in_full(longer: Name, shorter: Name) -> bool:
    """Whether the longer text is the same name with its legal form, and not a name with something behind it."""
    return len(squeeze(shorter.text)) >= 5 and bool(legal_form().search(longer.text)) and len(longer.text) < 60


def party_of(atom: Atom, marks: Marks) -> str | None:
    """`seller` or `buyer` by the nearest such label over a value in its column; None where there is none."""
    cells = atom.line.cells
    own = cells.index(atom.line.cell_at(atom.start))
    # In a list of names and values the heading stands over the names.
    for cell in (cells[own], *cells[max(own - 1, 0) : own]):
        party = _heading_over(cell, atom.line, marks)
        if party is not None:
            return party
    return None


def _heading_over(cell: Cell, line: Line, marks: Marks) -> str | None:
    x0, top, x1, _ = cell.box
    for marked in (marks.of(line), *marks.above(line, 14)):
        column = [other.box for other in marked.line.cells if min(x1, other.box[2]) > max(x0, other.box[0])]
        if column and top - column[0][3] > 3.5 * marked.line.height:
            return None  # a gap in the column: another block begins
        top = column[0][1] if column else top
        for label, (left, right) in zip(marked.labels, marked.places, strict=True):
            roles = {m.field for m in label.meanings} & {"seller.name", "buyer.name"}
            if not roles or not _heads(label.start, label.end, marked.line):
                continue
            if min(x1, right) - max(x0, left) > 0 or abs(x0 - left) < 12:
                return roles.pop().split(".")[0]
    return None


def _heads(start: int, end: int, line: Line) -> bool:
    """Whether a label is a heading: alone in its cell, or the start of the cell and followed by a colon."""
    cell = line.cell_at(start)
    before, after = line.text[cell.start : start], line.text[end : cell.end]
    return not re.search(r"\w", before) and (not re.search(r"\w", after) or after.lstrip().startswith(":"))


def _labelled(page: Page, marks: Marks) -> Iterator[Name]:
    for line in page.lines:
        marked = marks.of(line)
        for label, place in zip(marked.labels, marked.places, strict=True):
            roles = {m.field for m in label.meanings} & {"seller.name", "buyer.name"}
            if not roles or not _heads(label.start, label.end, line):
                continue
            role = roles.pop().split(".")[0]
            found = _value_of(label.end, place, marked, marks)
            if found is not None:
                text, where, box = found
                name = Name(text, page.number, box, where.confidence_of(0, len(where.text)))
                setattr(name, role, 0.85)
                yield name


def _value_of(end: int, place: tuple[float, float], marked: Marked, marks: Marks) -> tuple[str, Line, Box] | None:
    """The name a label introduces: after its colon, in the next cell, or the first name-like line under it."""
    line = marked.line
    cell = line.cell_at(end - 1)
    rest = line.text[end : cell.end].lstrip(" :.")
    if rest:
        start = cell.end - len(rest)
        return (rest, line, line.box_of(start, cell.end)) if _name_like(rest) else None
    after = [other for other in line.cells if other.start >= cell.end]
    if line.text[end : cell.end].strip() == ":" and after and _name_like(after[0].text):
        return after[0].text, line, after[0].box
    first: tuple[str, Line, Box] | None = None
    for distance, below in enumerate(marks.below(line, 6)):
        if first is None and distance > 3:
            break
        for other in below.line.cells:
            if abs(other.box[0] - place[0]) > 14 and not (other.box[0] < place[0] < other.box[2]):
                continue
            named = _NAMED.match(other.text) or _NAMED.match(below.line.text[other.start :].replace("  ", " "))
            if named:
                return named["name"].strip(), below.line, below.line.box_of(other.start, len(below.line.text))
            if first is None and _name_like(other.text) and not _KEYED.match(other.text):
                first = (other.text, below.line, other.box)
    return first


def _name_like(text: str) -> bool:
    letters = sum(letter.isalpha() for letter in text)
    if _STREET.search(text) and not legal_form().search(text):
        return False
    return (
        letters >= 3 and letters > 0.55 * len(text.replace(" ", "")) and len(text) < 70 and not _NOT_NAME.search(text)
    )


def _sender_lines(page: Page) -> Iterator[Name]:
    """`Muster GmbH · Musterstraße 17 · 12345 Musterort`, the small line over the address window."""
    for line in page.lines:
        top = line.box[1] < 0.4 * page.height
        for cell in line.cells:
            parts = _SENDER.split(cell.text)
            if len(parts) < 2:
                parts = _COMMA.split(cell.text)
            if len(parts) < 2 or not _name_like(parts[0]) or len(parts[0]) > 50:
                continue
            addressed = len(parts) >= 3 and any(_POSTAL.search(part) for part in parts[1:])
            registered = bool(legal_form().search(parts[0])) and any(_REGISTER.search(part) for part in parts[1:])
            if (top and addressed) or registered:
                box = line.box_of(cell.start, cell.start + len(parts[0]))
                sure = line.confidence_of(cell.start, cell.start + len(parts[0]))
                yield Name(parts[0].strip(), page.number, box, sure, seller=0.85)


def _payees(page: Page) -> Iterator[Name]:
    """Whom the money goes to."""
    for line in page.lines:
        for match in _PAYEE.finditer(line.text):
            text = re.split(r"\s{2,}|\s(?:IBAN|BIC)\b", match["name"])[0].strip()
            if _name_like(text):
                start = match.start("name")
                end = start + len(text)
                company = 0.7 if legal_form().search(text) else 0.4
                yield Name(text, page.number, line.box_of(start, end), line.confidence_of(start, end), seller=company)


def _blocks(page: Page, marks: Marks) -> Iterator[Name]:
    """The first line of each address block; whose it is shows from what stands over it and where it lies."""
    for line in page.lines:
        for cell in line.cells:
            if not _POSTAL.search(cell.text) or len(cell.text) > 60 or _SENDER.search(cell.text):
                continue
            block = _column_up(line, cell, marks)
            if len(block) < 2:
                continue
            names = [
                (where, part)
                for where, part in block
                if _name_like(part.text) and not _KEYED.match(part.text) and not _is_label(part, where, marks)
            ]
            if not names or names[-1][1] is cell:
                continue
            where, part = names[-1]
            yield _block_name(page, where, part, cell, marks)


def _is_label(part: Cell, where: Line, marks: Marks) -> bool:
    """Whether a cell is nothing but a label."""
    return any(
        label.start >= part.start and label.end <= part.end and len(label.letters) >= 0.8 * len(squeeze(part.text))
        for label in marks.of(where).labels
    )


def _block_name(page: Page, where: Line, part: Cell, cell: Cell, marks: Marks) -> Name:
    name = Name(part.text, page.number, part.box, where.confidence_of(part.start, part.end))
    over = next(iter(marks.above(where, 1)), None)
    sender = over is not None and any(
        len(_SENDER.split(other.text)) >= 3 and abs(other.box[0] - part.box[0]) < 30 for other in over.line.cells
    )
    window = part.box[0] < 0.45 * page.width and 0.1 * page.height < part.box[1] < 0.4 * page.height
    footer = part.box[1] > 0.8 * page.height
    if sender:
        name.buyer = 0.85
    elif footer:
        name.seller = 0.5
    elif window:
        name.buyer = 0.4
    elif cell.box[1] < 0.2 * page.height:
        name.seller = 0.4
    else:
        name.buyer = 0.2
    return name


def _column_up(line: Line, cell: Cell, marks: Marks) -> list[tuple[Line, Cell]]:
    """The cells standing flush over a cell, itself included, from bottom to top."""
    block = [(line, cell)]
    for marked in marks.above(line, 6):
        last = block[-1][1]
        above = next((other for other in marked.line.cells if abs(other.box[0] - cell.box[0]) < 3), None)
        if above is None:
            if last.box[1] - marked.line.box[3] > 1.6 * marked.line.height:
                break
            continue
        if last.box[1] - above.box[3] > 1.4 * (above.box[3] - above.box[1]):
            break
        if len(_SENDER.split(above.text)) >= 3:
            break
        block.append((marked.line, above))
    return block


def _companies(page: Page) -> Iterator[Name]:
    """Cells with a legal form in them, wherever they stand."""
    for line in page.lines:
        for cell in line.cells:
            match = legal_form().search(cell.text)
            if match is None or not _name_like(cell.text) or len(cell.text.split()) > 9 or _KEYED.match(cell.text):
                continue
            text = cell.text
            box = cell.box
            top = line.box[1] / page.height
            weight = 0.3 if top < 0.2 else 0.25 if top > 0.8 else 0.12
            yield Name(text, page.number, box, line.confidence_of(cell.start, cell.end), seller=weight)


def _letterhead(page: Page, marks: Marks, receipt: bool) -> Iterator[Name]:
    """The first lines of the first page: the name is often the first or the largest of them."""
    if page.number != 1 or not page.lines:
        return
    heights = [word.height for word in page.words]
    usual = sorted(heights)[len(heights) // 2]
    rank = 0
    for line in page.lines[:8]:
        cell = line.cells[0]
        if receipt and len(line.cells) > 1:
            # A receipt has one column; a wide gap in its name is the print, not a second cell.
            cell = Cell(line.text.replace("  ", " "), 0, len(line.text), line.box)
        if (
            not _name_like(cell.text)
            or _is_label(cell, line, marks)
            or marks.of(line).titled
            or line.box[1] > 0.35 * page.height
        ):
            continue
        weight = (0.5 if receipt else 0.22) * 0.7**rank
        if line.height > 1.5 * usual:
            weight += 0.15
        if receipt and legal_form().search(cell.text):
            weight += 0.25
        rank += 1
        yield Name(cell.text, 1, cell.box, line.confidence_of(cell.start, cell.end), seller=weight)


def _domains(pages: list[Page], names: list[Name]) -> None:
    """A name that the mail or web address repeats is the sender's."""
    domains = {
        squeeze(match["domain"].split(".")[-1])
        for page in pages[:2]
        for line in page.lines
        for match in _DOMAIN.finditer(line.text)
    } - _PRIVATE_MAIL
    for name in names:
        letters = squeeze(legal_form().sub("", name.text))
        if any(len(domain) > 3 and (domain in letters or letters in domain) for domain in domains if letters):
            name.seller += 0.25


def _near_tax_id(names: list[Name], atoms: list[Atom], marks: Marks) -> None:
    """A name in the same block as a tax id or an account is the seller's, unless the buyer's label stands over it."""
    for atom in atoms:
        if atom.kind not in ("tax_id", "iban") or party_of(atom, marks) == "buyer":
            continue
        x0, y0 = atom.line.cell_at(atom.start).box[:2]
        for name in names:
            if name.page == atom.line.page and abs(name.box[0] - x0) < 15 and -5 < y0 - name.box[1] < 130:
                name.seller += 0.12
                break
