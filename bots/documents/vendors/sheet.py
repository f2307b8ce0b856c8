"""A document laid out for anchors: its lines, what has a form on them, and where a known value stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

from bots.documents.document import Box, Value
from bots.documents.invoices.atoms import Atom, atoms_of
from bots.documents.pages.page import Line, Page
from bots.documents.vendors.form import Form
from bots.documents.words.lexicon import squeeze
from bots.documents.words.locale import locale_of

Place: TypeAlias = tuple[int, Box]
"""The page, and the box on its paper, where a person showed that a value stands."""

_TOKEN = re.compile(r"[^\W_]+|[#№]")
LONGEST = 6  # words of a label


@dataclass(frozen=True, slots=True)
class Spot:
    """A piece of a line, with the value it is read as."""

    value: Value
    line: Line
    start: int
    end: int

    @property
    def box(self) -> Box:
        return self.line.box_of(self.start, self.end)

    @property
    def reading(self) -> float:
        """How surely its letters were read."""
        return self.line.confidence_of(self.start, self.end)


class Sheet:
    """The pages of one document."""

    def __init__(self, pages: Sequence[Page], atoms: Sequence[Atom] | None = None) -> None:
        self.pages = list(pages)
        self._atoms = atoms

    @cached_property
    def atoms(self) -> dict[tuple[int, int], list[Atom]]:
        """The values on each line, by page and index of the line."""
        found = self._atoms if self._atoms is not None else atoms_of(self.pages, locale_of(self.pages))
        by_line: dict[tuple[int, int], list[Atom]] = {}
        for atom in found:
            by_line.setdefault((atom.line.page, atom.line.index), []).append(atom)
        return by_line

    def lines(self) -> Iterator[Line]:
        for page in self.pages:
            yield from page.lines

    def spots(self, line: Line, form: Form) -> list[Spot]:
        """What has the form on a line, left to right: values, codes, or for words whole cells."""
        if form.kind == "text":
            return [Spot(cell.text.strip(" ,;:|"), line, cell.start, cell.end) for cell in line.cells]
        if form.kind == "code":
            return [Spot(line.text[start:end], line, start, end) for start, end in form.codes(line.text)]
        atoms = self.atoms.get((line.page, line.index), [])
        return [Spot(atom.value, line, atom.start, atom.end) for atom in atoms if atom.kind == form.kind]

    def places_of(self, value: Value, form: Form) -> list[Spot]:
        """Where a known value stands, as it may be printed."""
        found: list[Spot] = []
        for line in self.lines():
            printed = _printed(str(value), line.text) if form.kind in ("code", "text") else ()
            spots = [Spot(str(value), line, *match.span()) for match in printed]
            if not spots and form.kind != "code":
                loosely = form.kind == "text"
                spots = [spot for spot in self.spots(line, form) if same(spot.value, value, loosely=loosely)]
            found += spots
        return found

    def stands_at(self, place: Place, page: int, box: Box) -> bool:
        """Whether a box lies where a person drew one: most of the smaller of the two is in the other."""
        if page != place[0]:
            return False
        one, other = self.pages[page - 1].on_paper(box), place[1]
        across, down = min(one[2], other[2]) - max(one[0], other[0]), min(one[3], other[3]) - max(one[1], other[1])
        smaller = min((each[2] - each[0]) * (each[3] - each[1]) for each in (one, other))
        return across > 0 and down > 0 and across * down >= smaller / 2

    def labels(self, letters: str) -> Iterator[tuple[Line, int, int]]:
        """Where a label stands, by its letters: the line, and the place of the label in the line's text."""
        for line, tokens in self._tokens:
            for at in range(len(tokens)):
                joined = ""
                for token, _, end in tokens[at : at + LONGEST]:
                    joined += token
                    if joined == letters:
                        yield line, tokens[at][1], end
                    if not letters.startswith(joined):
                        break

    @cached_property
    def _tokens(self) -> list[tuple[Line, list[tuple[str, int, int]]]]:
        """The words of every line by their letters, with their places."""
        return [
            (line, [(squeeze(token.group()), *token.span()) for token in _TOKEN.finditer(line.text)])
            for line in self.lines()
        ]

    @property
    def last(self) -> int:
        """The number of the last page with words."""
        return max((page.number for page in self.pages if page.words), default=1)


def _printed(value: str, text: str) -> Iterator[re.Match[str]]:
    return re.finditer(rf"(?<!\w){re.escape(value)}(?!\w)", text, re.IGNORECASE)


def same(one: Value | None, other: Value | None, *, loosely: bool = False) -> bool:
    """Whether two readings of a field are the same value; `loosely`: by letters and digits alone, as names are."""
    if isinstance(one, str) and isinstance(other, str):
        if loosely:
            return bool(squeeze(one)) and squeeze(one) == squeeze(other)
        return "".join(one.split()).casefold() == "".join(other.split()).casefold()
    return type(one) is type(other) and one == other
