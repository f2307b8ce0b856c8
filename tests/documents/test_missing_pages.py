"""A document whose page numbers promise more pages than the file has."""

from __future__ import annotations

from bots.documents.pages.page import Page, Word
from bots.documents.stacks.missing_pages import missing_pages


def page(number: int, footer: str) -> Page:
    """An A4 page with a line of print and a footer."""
    words, x = [Word("Consulting", (60.0, 300.0, 120.0, 310.0))], 60.0
    for part in footer.split():
        words.append(Word(part, (x, 810.0, x + 6.0 * len(part), 820.0)))
        x += 6.0 * len(part) + 3
    return Page(number, 595.0, 842.0, words)


def told(*footers: str) -> list[str]:
    """The messages for pages with these footers."""
    return [problem.message for problem in missing_pages([page(n, text) for n, text in enumerate(footers, start=1)])]


def test_the_page_that_is_not_there_is_named() -> None:
    assert told("Page 1 of 3", "Page 2 of 3") == [
        "The pages are numbered up to 3, but page 3 is not in the file; "
        "ask for the missing part, or compare all values with the document itself"
    ]
    assert "page 2, 3, 4 is not" in told("Seite 1/4")[0]


def test_a_whole_document_is_no_problem() -> None:
    assert told("Page 1 of 2", "Page 2 of 2") == []


def test_pages_that_are_numbered_in_part_or_twice_prove_nothing() -> None:
    assert told("Page 1 of 3", "Thank you") == []
    assert told("Page 1 of 3", "Page 1 of 3") == []
    assert told("Page 1 of 2", "Page 1 of 3") == []
    assert told("Page 1") == []
