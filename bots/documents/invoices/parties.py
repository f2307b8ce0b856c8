"""Who wrote the document and to whom: names from labels, address blocks, sender lines, letterheads and footers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from bots.documents.invoices.atoms import Atom
from bots.documents.invoices.claims import Marks
from bots.documents.invoices.party_blocks import Block, blocks_of, company, role_at
from bots.documents.invoices.party_labels import labelled, may_be_name, own_cells, party_of
from bots.documents.pages.page import Cell, Page
from bots.documents.words.lexicon import legal_form, squeeze
from bots.documents.words.names import (
    KEYED,
    POSTAL,
    SENDER,
    Name,
    bare_name,
    name_like,
    name_parts,
)

_PAYEE = re.compile(
    r"(?:account name|account holder|payable to|remit to|beneficiary|kontoinhaber|zahlungsempfänger|ten name van|"
    r"t\.?n\.?v\.?|"
    r"titulaire(?: du compte)?|à l['’]ordre de|intestatario(?: conto)?|titular(?: de la cuenta)?|beneficiario|"
    r"beneficiário|odbiorca przelewu|posiadacz rachunku)\s*:?\s+(?P<name>[^,;·|:]{4,60})",
    re.IGNORECASE,
)
_REGISTER = re.compile(
    r"\b(?:HRB|HRA|FN|RCS|SIREN|SIRET|KvK|REA|registergericht|handelsgericht|amtsgericht|registered|company no|"
    r"VAT|USt|UID|TVA|BTW|IVA|IBAN|capital|NIF|CIF|NIP|KRS)\b",
    re.IGNORECASE,
)
_DOMAIN = re.compile(
    r"(?:www\.|@|https?://|(?<![\w.-])"
    r"(?=[a-z0-9-]{5,}\.(?:de|com|at|ch|fr|nl|it|es|pl|pt|be|eu|net|org|co|io|example)\b))"
    r"(?P<domain>[a-z0-9äöü\-]+(?:\.[a-z0-9\-]+)*)\.(?:[a-z]{2,7})\b",
    re.IGNORECASE,
)
_PRIVATE_MAIL = frozenset(
    {"gmail", "gmx", "web", "yahoo", "hotmail", "outlook", "tonline", "icloud", "orange", "free", "aol"}
)


@dataclass
class Parties:
    """The names found, and where the buyer's part of the page is."""

    names: list[Name] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)

    def best(self, role: str) -> list[Name]:
        """Names for `seller` or `buyer`, best first."""
        return sorted(
            (name for name in self.names if getattr(name, role) > 0.25), key=lambda name: -float(getattr(name, role))
        )

    def block_of(self, atom: Atom) -> str | None:
        """Whose a value is by the address it stands in or right under; None where that is nobody's."""
        top = atom.line.box[1]
        for block in self.blocks:
            near = block.page == atom.line.page and block.top < top < block.bottom
            if near and any(abs(cell.box[0] - block.left) < 14 for cell in own_cells(atom)):
                return self._owner(block)
        return None

    def _owner(self, block: Block) -> str | None:
        name = next((name for name in self.names if squeeze(name.text) == squeeze(block.name)), None)
        if name is None or max(name.seller, name.buyer) < 0.4:
            return None
        return "buyer" if name.buyer > name.seller else "seller"


def parties_of(pages: list[Page], marks: Marks, atoms: list[Atom], *, receipt: bool = False) -> Parties:
    """Collect and weigh the names of a document."""
    found: dict[str, Name] = {}
    blocks: list[Block] = []
    for page in pages[:2]:
        own = list(blocks_of(page, marks))
        blocks += own
        for name in (
            *labelled(page, marks),
            *_sender_lines(page),
            *_under_senders(page, marks),
            *_payees(page),
            *(_block_name(page, block) for block in own),
            *_companies(page, marks),
            *_letterhead(page, marks, own, receipt),
        ):
            _add(found, name)
    names = _whole(list(found.values()))
    _domains(pages, names)
    _near_tax_id(names, atoms, marks)
    _settle(names)
    _left_over(names, blocks, pages)
    return Parties(names, blocks)


def _add(found: dict[str, Name], name: Name) -> None:
    """Take a name up; evidence of different kinds adds up, but a label never becomes surer than sure."""
    key = squeeze(name.text)
    if len(key) < 3:
        return
    known = found.get(key)
    if known is None:
        found[key] = name
        return
    known.seller = min(0.99, known.seller + 0.6 * name.seller)
    known.buyer = min(0.99, known.buyer + 0.6 * name.buyer)
    known.other = max(known.other, name.other)
    known.said = known.said or name.said


def _settle(names: list[Name]) -> None:
    """A legal form speaks for a name; what speaks for one role speaks against the other."""
    for name in names:
        if company(name.text):
            name.seller += 0.08 if name.seller else 0
            name.buyer += 0.08 if name.buyer else 0
        if name.said == "buyer":
            name.seller *= 0.3
        elif name.said == "seller":
            name.buyer *= 0.3
        if name.other > max(name.seller, name.buyer):
            name.seller *= 0.4
            name.buyer *= 0.4
        if name.buyer > name.seller:
            name.seller *= 0.4
        elif name.seller > name.buyer:
            name.buyer *= 0.4


def _left_over(names: list[Name], blocks: list[Block], pages: list[Page]) -> None:
    """Where nothing names the buyer, the address in the upper half that is not the seller's is the buyer's."""
    if any(name.buyer > 0.45 for name in names):
        return
    sellers = sorted(names, key=lambda name: -name.seller)
    seller = squeeze(sellers[0].text) if sellers and sellers[0].seller > 0.25 else ""
    free = [
        block
        for block in blocks
        if block.page == 1
        and block.role in (None, "buyer")
        and not block.contact
        and block.top < 0.55 * pages[0].height
        and squeeze(block.name) != seller
    ]
    if not free:
        return
    key = squeeze(min(free, key=lambda block: block.top).name)
    for name in names:
        if squeeze(name.text) == key:
            name.buyer = max(name.buyer, 0.46)
            name.seller *= 0.5


def _whole(names: list[Name]) -> list[Name]:
    """`Rosenhof` of the letterhead and `Rosenhof Feinkost KG` of the footer are one name: the one in full."""
    kept: list[Name] = []
    for name in sorted(names, key=lambda name: -len(squeeze(name.text))):
        key = squeeze(name.text)
        full = next((other for other in kept if squeeze(other.text).startswith(key) and _in_full(other, name)), None)
        if full is None or (full.buyer > 0.4 and name.seller > 0.4):
            kept.append(name)
            continue
        full.seller = min(0.99, full.seller + 0.8 * name.seller)
        full.buyer = min(0.99, full.buyer + 0.8 * name.buyer)
    return kept


def _in_full(longer: Name, shorter: Name) -> bool:
    """Whether the longer text is the same name with its legal form, and not a name with something behind it."""
    return len(squeeze(shorter.text)) >= 4 and bool(legal_form().search(longer.text)) and len(longer.text) < 60


def _sender_lines(page: Page) -> Iterator[Name]:
    """`Muster GmbH · Musterstraße 17 · 12345 Musterort`, the small line over the address window."""
    for line in page.lines:
        top = line.box[1] < 0.4 * page.height
        for cell in line.cells:
            parts = name_parts(cell.text)
            name = bare_name(cell.text)
            if len(parts) < 2 or name == cell.text or not name_like(name) or len(name) > 60 or KEYED.match(name):
                continue
            addressed = len(parts) >= 3 and any(POSTAL.search(part) for part in parts[1:])
            registered = company(name) and any(_REGISTER.search(part) for part in parts[1:])
            if (top and addressed) or registered or (addressed and line.box[1] > 0.8 * page.height):
                start = cell.start + max(cell.text.find(name), 0)
                box = line.box_of(start, start + len(name))
                sure = line.confidence_of(start, start + len(name))
                yield Name(name, page.number, box, sure, seller=0.85 if top or registered else 0.6)


def _under_senders(page: Page, marks: Marks) -> Iterator[Name]:
    """The first name under the sender's small line is the buyer's, however wide the lines of the address stand."""
    for line in page.lines:
        if line.box[1] > 0.4 * page.height:
            return
        sender = next((cell for cell in line.cells if len(SENDER.split(cell.text)) >= 3), None)
        sender = sender or next((cell for cell in line.cells[1:] if cell.text in ("·", "•", "●", "|")), None)
        if sender is None:
            continue
        left = line.box[0] if sender not in line.cells[:1] else sender.box[0]
        for marked in marks.below(line, 4):
            cell = next((one for one in marked.line.cells if -40 < one.box[0] - left < 30), None)
            if cell is not None and may_be_name(cell, marked.line, marks):
                sure = marked.line.confidence_of(cell.start, cell.end)
                yield Name(bare_name(cell.text), page.number, cell.box, sure, buyer=0.5)
                break


def _payees(page: Page) -> Iterator[Name]:
    """Whom the money goes to."""
    for line in page.lines:
        for match in _PAYEE.finditer(line.text):
            text = re.split(r"\s{2,}|\s(?:IBAN|BIC)\b", match["name"])[0].strip()
            if name_like(text):
                start = match.start("name")
                end = start + len(text)
                weight = 0.7 if company(text) else 0.4
                yield Name(text, page.number, line.box_of(start, end), line.confidence_of(start, end), seller=weight)


def _block_name(page: Page, block: Block) -> Name:
    """The name of an address block, with the role that its label, its place and what is near it speak for."""
    part, where = block.cell, block.line
    name = Name(block.name, page.number, part.box, where.confidence_of(part.start, part.end))
    window = part.box[0] < 0.45 * page.width and 0.08 * page.height < block.top < 0.4 * page.height
    if block.role is not None:
        setattr(name, block.role, 0.85)
        name.said = block.role
    elif block.sender or block.greeted:
        name.buyer = 0.85
    elif block.top > 0.8 * page.height:
        name.seller = 0.5
    elif block.contact:
        name.seller = 0.3
    elif window:
        name.buyer = 0.4
    elif block.cells[-1][1].box[1] < 0.2 * page.height:
        name.seller = 0.4
    else:
        name.buyer = 0.2
    return name


def _companies(page: Page, marks: Marks) -> Iterator[Name]:
    """Cells with a legal form in them, wherever they stand."""
    for line in page.lines:
        for cell in line.cells:
            if not legal_form().search(cell.text) or role_at(cell, line, marks) is not None:
                continue
            text = bare_name(cell.text)
            if not name_like(text) or len(text.split()) > 9 or KEYED.match(text) or not company(text):
                continue
            top = line.box[1] / page.height
            weight = 0.3 if top < 0.2 else 0.25 if top > 0.8 else 0.12
            box = line.box_of(cell.start, cell.start + len(text))
            yield Name(text, page.number, box, line.confidence_of(cell.start, cell.end), seller=weight)


def _letterhead(page: Page, marks: Marks, blocks: list[Block], receipt: bool) -> Iterator[Name]:
    """The first lines of the first page: the name is often the first or the largest of them."""
    if page.number != 1 or not page.lines:
        return
    heights = [word.height for word in page.words]
    usual = sorted(heights)[len(heights) // 2]
    taken = {
        (line.index, part.start)
        for block in blocks
        if block.role in ("buyer", "other") or block.sender or block.greeted
        for line, part in block.cells
    }
    rank = 0
    for line in page.lines[:8]:
        cell = line.cells[0]
        if receipt and len(line.cells) > 1:
            # A receipt has one column; a wide gap in its name is the print, not a second cell.
            cell = Cell(line.text.replace("  ", " "), 0, len(line.text), line.box)
        if (line.index, cell.start) in taken or line.box[1] > 0.35 * page.height:
            continue
        if not may_be_name(cell, line, marks) or marks.of(line).titled or role_at(cell, line, marks) is not None:
            continue
        text = bare_name(cell.text)
        weight = (0.5 if receipt else 0.22) * 0.7**rank
        if line.height > 1.5 * usual:
            weight += 0.15
        if receipt and company(text):
            weight += 0.25
        rank += 1
        yield Name(text, 1, cell.box, line.confidence_of(cell.start, cell.end), seller=weight)


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
