"""A stack of pages to documents: by what the pages say, by blank pages, by sheets with a bar code, or by counting."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal, TypeAlias

from bots.documents.deciding.classify import Classification, classify
from bots.documents.document import DocumentProblem
from bots.documents.pages.page import Page
from bots.documents.stacks.leaf import Leaf, is_blank, leaf_of
from bots.documents.stacks.seam import Seam, seam_before

By: TypeAlias = Literal["document", "blank", "barcode", "pages"]
DOUBTFUL = (0.15, 0.85)  # between these nobody should rely on a boundary, or on there being none
SHEET = 15  # words that a sheet which only parts documents may have, besides its code
CERTAIN = 0.99


@dataclass(frozen=True, slots=True)
class Part:
    """One document of a stack: its pages, its kind, how sure both its edges and its wholeness are."""

    pages: tuple[int, ...]  # numbers from 1
    kind: Classification
    confidence: float
    reason: str  # why it begins where it begins

    @property
    def first(self) -> int:
        return self.pages[0]

    @property
    def last(self) -> int:
        return self.pages[-1]


@dataclass(frozen=True)
class Split:
    """The documents of a stack, the pages that belong to none (blank ones, separating sheets), and what is doubtful."""

    parts: tuple[Part, ...]
    left_out: tuple[int, ...]
    problems: tuple[DocumentProblem, ...]


@dataclass(frozen=True, slots=True)
class _Cut:
    """A run of pages before they are judged."""

    pages: tuple[Page, ...]
    sure: float
    reason: str


def split(pages: list[Page], by: By = "document", *, every: int = 1, code: str | None = None) -> Split:
    """Cut a stack into documents.

    `every` is the number of pages of each document for `pages`. `code` is a regular expression: only bar codes whose
    text it matches part documents. Nothing is guessed in silence: a boundary that may be wrong is a problem.
    """
    if by == "document":
        cuts, problems = _by_content(pages, re.compile(code) if code else None)
    elif by == "blank":
        cuts, problems = _at(pages, is_blank, keep=lambda page: False, what="blank page")
    elif by == "barcode":
        wanted = re.compile(code or "")
        cuts, problems = _at(
            pages,
            lambda page: has_code(page, wanted),
            keep=lambda page: not _is_sheet(page),
            what="page with such a bar code",
        )
    else:
        cuts, problems = _counted(pages, every)
    parts = tuple(_part(cut) for cut in map(_trimmed, cuts) if cut.pages)
    kept = {number for part in parts for number in part.pages}
    left_out = tuple(page.number for page in pages if page.number not in kept)
    return Split(parts, left_out, tuple(problems))


def has_code(page: Page, wanted: re.Pattern[str]) -> bool:
    """Whether a code stands on a page whose text the pattern finds."""
    return any(wanted.search(found.text) for found in page.codes)


def _is_sheet(page: Page) -> bool:
    """Whether a page does nothing but carry a code."""
    return len(page.words) <= SHEET


def _by_content(pages: list[Page], code: re.Pattern[str] | None) -> tuple[list[_Cut], list[DocumentProblem]]:
    cuts: list[_Cut] = []
    problems: list[DocumentProblem] = []
    part: list[Leaf] = []
    sure, reason = CERTAIN, "it is the first page"

    def close() -> None:
        if part:
            cuts.append(_Cut(tuple(leaf.page for leaf in part), sure, reason))
            part.clear()

    for leaf in map(leaf_of, pages):
        if leaf.page.codes and _is_sheet(leaf.page) and (code is None or has_code(leaf.page, code)):
            close()
            sure, reason = CERTAIN, f"a separating sheet stands before it (page {leaf.page.number})"
            continue
        seam = seam_before(leaf, part) if any(not one.blank for one in part) and not leaf.blank else None
        if seam is not None:
            if DOUBTFUL[0] < seam.likely < DOUBTFUL[1]:
                problems.append(_doubt(part[-1].page, leaf.page, seam))
            if seam.likely >= 0.5:
                close()
                sure, reason = seam.likely, seam.reason
            else:
                sure = min(sure, 1 - seam.likely)
        part.append(leaf)
    close()
    # A document also ends where the next one begins.
    ended = [replace(one, sure=min(one.sure, after.sure)) for one, after in pairwise(cuts)]
    return [*ended, *cuts[-1:]], problems


def _doubt(last: Page, page: Page, seam: Seam) -> DocumentProblem:
    decided = "two documents" if seam.likely >= 0.5 else "one document"
    message = (
        f"Pages {last.number} and {page.number} were taken for {decided}, but that is doubtful: {seam.reason}; "
        "look at both pages"
    )
    return DocumentProblem("DOUBTFUL_BOUNDARY", message)


def _at(
    pages: list[Page], parts_here: Callable[[Page], bool], keep: Callable[[Page], bool], what: str
) -> tuple[list[_Cut], list[DocumentProblem]]:
    """Documents parted by certain pages, which are left out or begin the next document."""
    cuts: list[_Cut] = []
    held: list[Page] = []
    reason = "it is the first page"
    seen = False
    for page in pages:
        if parts_here(page):
            seen = True
            cuts.append(_Cut(tuple(held), CERTAIN, reason))
            held = [page] if keep(page) else []
            reason = f"page {page.number} parts the stack"
            continue
        held.append(page)
    cuts.append(_Cut(tuple(held), CERTAIN, reason))
    if seen or len(pages) < 2:
        return cuts, []
    message = f"No {what} was found in {len(pages)} pages, so they are one document; check how the stack was scanned"
    return cuts, [DocumentProblem("NO_SEPARATOR", message)]


def _counted(pages: list[Page], every: int) -> tuple[list[_Cut], list[DocumentProblem]]:
    cuts = [
        _Cut(tuple(pages[start : start + every]), CERTAIN, f"every {every} pages" if every > 1 else "every page")
        for start in range(0, len(pages), every)
    ]
    over = len(pages) % every
    if not over:
        return cuts, []
    message = (
        f"{len(pages)} pages are no multiple of {every}: the last document has {over}; look whether a page is missing"
    )
    return cuts, [DocumentProblem("PAGES_LEFT_OVER", message)]


def _trimmed(cut: _Cut) -> _Cut:
    """Without the blank pages at both ends: backs of sheets that were scanned on two sides."""
    written = [index for index, page in enumerate(cut.pages) if not is_blank(page)]
    kept = cut.pages[written[0] : written[-1] + 1] if written else ()
    return replace(cut, pages=kept)


def _part(cut: _Cut) -> Part:
    kind = classify(list(cut.pages))
    return Part(tuple(page.number for page in cut.pages), kind, round(min(cut.sure, CERTAIN), 3), cut.reason)
