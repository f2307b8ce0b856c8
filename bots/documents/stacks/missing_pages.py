"""Whether a document is complete by its own page numbers: a total on a page that is not there cannot be read."""

from __future__ import annotations

from collections.abc import Sequence

from bots.documents.document import DocumentProblem
from bots.documents.pages.page import Page
from bots.documents.stacks.leaf import numbering

MOST = 200  # pages; a larger count is something else


def missing_pages(pages: Sequence[Page]) -> list[DocumentProblem]:
    """The problem of pages that their numbering (`Page 1 of 4`) promises and the file does not have.

    Told only where every page with print is numbered, each once and all with the same count.
    """
    numbered = [numbering(page) for page in pages if page.words]
    counts = {count for _, count in numbered}
    if len(counts) != 1:
        return []
    (count,) = counts
    there = [at for at, _ in numbered]
    gone = sorted(set(range(1, count + 1)) - set(there))
    if not gone or count > MOST or len(set(there)) != len(there) or max(there) > count:
        return []
    listed = ", ".join(map(str, gone[:5])) + (", ..." if len(gone) > 5 else "")
    message = (
        f"The pages are numbered up to {count}, but page {listed} is not in the file; "
        "ask for the missing part, or compare all values with the document itself"
    )
    return [DocumentProblem("PAGES_MISSING", message)]
