"""What one page of a stack says of its place in a document: its numbering, titles, numbers, people, sums."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from bots.documents.deciding.classify import classify, title_scores
from bots.documents.invoices.atoms import Atom, atoms_of
from bots.documents.invoices.claims import marks_of
from bots.documents.invoices.identifiers import identifiers
from bots.documents.pages.page import Line, Page
from bots.documents.words.lexicon import lexicon, squeeze
from bots.documents.words.locale import locale_of

SURE_NUMBER = 0.6  # score from which an identifier is taken for the document's number
EDGE = 0.14  # of the height: where page numbers, letterheads and footers stand
_PAGE = (
    r"(?:page|pg|seite|blatt|feuille|p[áaà]gina|pagina|pag|bladzijde|blz|folha|strona|str|sheet|s|p|hoja)"
    r"\b\.?\s*(?:n[o°º]|nr|:)?[.:]?"
)
_OF = r"(?:/|of|out of|von|aus|de|sur|di|van|z|ze|\|)"
_NUMBERED = re.compile(
    rf"(?<![^\W_]){_PAGE}\s*(?P<at>\d{{1,3}})\s*{_OF}\s*(?P<of>\d{{1,3}})(?![\d.,]\d)", re.IGNORECASE
)
_ALONE = re.compile(rf"(?<![^\W_]){_PAGE}\s*(?P<at>\d{{1,3}})(?![\d.,]?\d)", re.IGNORECASE)
_BARE = re.compile(rf"[-–(\[]?\s*(?P<at>\d{{1,3}})\s*{_OF}\s*(?P<of>\d{{1,3}})\s*[-–)\]]?", re.IGNORECASE)
_AMOUNT = re.compile(r"\d[.,]\d\d(?![\d.,])")
_GOES_ON = re.compile(
    r"\b(?:continued|carried forward|brought forward|(?:see|on|to) next page|please turn over|"
    r"(?:zwischensumme )?übertrag|fortsetzung|folgeseite|nächste seite|siehe rückseite|"
    r"[àa] reporter|report page|suite (?:au|page|à)|page suivante|suma y sigue|suma anterior|continúa|"
    r"a riportare|riporto|segue a pagina|te transporteren|transport (?:van )?blz|vervolg|volgende pagina|"
    r"a transportar|continua(?:ção)?|do przeniesienia|z przeniesienia|ciąg dalszy)\b",
    re.IGNORECASE,
)
_CONTACT = re.compile(r"[\w.+-]+@([\w-]+\.[\w.-]+)|\bwww\.([\w-]+\.[\w.-]+)", re.IGNORECASE)
_ID = re.compile(r"(?<![\d.,])(?:[A-Z]{2,4})?\d(?:[ ]?\d){6,}(?![.,]?\d)")


@dataclass(frozen=True)
class Leaf:
    """One page, as far as its place in a stack goes. `at` and `of` are its own numbering, 0 where it has none."""

    page: Page
    blank: bool
    at: int
    of: int
    kind: str  # of the page by itself
    sure: float
    title: float  # how strongly a title stands on it
    titles: frozenset[str]
    numbers: Mapping[str, float]  # what may be the document's number, with its score
    dates: frozenset[str]
    contacts: frozenset[str]  # who wrote it: domains, tax ids, accounts, telephones
    head: frozenset[str]  # the words of its letterhead
    columns: frozenset[str]  # the words of its rows' heading
    ends: bool  # the sums that close a document stand on it
    goes_on: bool  # it says that it goes on, or goes on itself
    money: int
    language: str


def leaf_of(page: Page) -> Leaf:
    """Everything about one page that splitting needs."""
    locale = locale_of([page])
    marks = marks_of([page], lexicon())
    atoms = atoms_of([page], locale)
    by_line: dict[tuple[int, int], list[Atom]] = defaultdict(list)
    for atom in atoms:
        by_line[(atom.line.page, atom.line.index)].append(atom)
    found = classify([page])
    titles = {kind: score for kind, score in title_scores(page).items() if score >= 1.5}
    numbers: dict[str, float] = defaultdict(float)
    for one in identifiers(marks, by_line, found.type):
        if one.field == "number" and one.score >= SURE_NUMBER:
            numbers[squeeze(one.value)] = max(numbers[squeeze(one.value)], one.score)
    at, of = numbering(page)
    closing = any(
        meaning.field == "total" and meaning.strength >= 0.9
        for marked in marks.lines.values()
        if any(atom.money for atom in by_line[(marked.line.page, marked.line.index)])
        for label in marked.labels
        for meaning in label.meanings
    )
    edges = (*page.lines[:4], *page.lines[-4:])
    return Leaf(
        page=page,
        blank=is_blank(page),
        at=at,
        of=of,
        kind=found.type,
        sure=found.confidence,
        title=max(titles.values(), default=0.0),
        titles=frozenset(titles),
        numbers=dict(numbers),
        dates=frozenset(str(atom.value) for atom in atoms if atom.kind == "date"),
        contacts=_contacts(page),
        head=_head(page),
        columns=_columns(page),
        ends=closing,
        goes_on=any(_GOES_ON.search(line.text) for line in edges),
        money=sum(atom.money for atom in atoms),
        language=locale.language,
    )


def is_blank(page: Page) -> bool:
    """Whether nothing was read on a page; specks of dust that OCR took for letters do not count."""
    letters = sum(len(word.text) for word in page.words if word.confidence >= 0.5)
    return not page.unread and not page.codes and letters <= 3


def numbering(page: Page) -> tuple[int, int]:
    """`(2, 3)` for `Page 2 of 3`, `(2, 0)` for `Page 2`, `(0, 0)` for a page that is not numbered."""
    best: tuple[int, int, int] = (0, 0, 0)
    for line in page.lines:
        edge = line.box[1] < EDGE * page.height or line.box[3] > (1 - EDGE) * page.height
        for rank, at, of in _numberings(line, edge=edge):
            if 0 < at <= (of or at) and rank > best[0]:
                best = (rank, at, of)
    return best[1], best[2]


def _numberings(line: Line, *, edge: bool) -> list[tuple[int, int, int]]:
    found = [(4 if edge else 3, int(match["at"]), int(match["of"])) for match in _NUMBERED.finditer(line.text)]
    if not edge:
        return found
    for cell in line.cells:
        bare = _BARE.fullmatch(cell.text.strip())
        if bare and not _AMOUNT.search(line.text):  # beside an amount it is the day of a booking
            found.append((2, int(bare["at"]), int(bare["of"])))
    if not found:
        found += [(1, int(match["at"]), 0) for match in _ALONE.finditer(line.text)]
    return found


def _contacts(page: Page) -> frozenset[str]:
    found = set()
    for line in page.lines:
        for match in _CONTACT.finditer(line.text):
            found.add((match[1] or match[2]).lower().removeprefix("www.").rstrip("."))
        found.update(match.group().replace(" ", "") for match in _ID.finditer(line.text))
    return frozenset(found)


def _head(page: Page) -> frozenset[str]:
    words = [word for word in page.words if word.middle < EDGE * page.height]
    return frozenset(
        squeeze(word.text) for word in words if len(word.text) > 2 and not any(map(str.isdigit, word.text))
    )


def _columns(page: Page) -> frozenset[str]:
    """The heading over the rows: the line with most cells that holds no digit."""
    lines = [line for line in page.lines if len(line.cells) >= 3 and not any(map(str.isdigit, line.text))]
    if not lines:
        return frozenset()
    widest = max(lines, key=lambda line: len(line.cells))
    return frozenset(squeeze(cell.text) for cell in widest.cells)
