"""The words of a document as they stand on its pages, for a person who takes a value from there."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from console.case import Case
from console.subject import is_file
from engine.errors import BusinessException, UsageError

if TYPE_CHECKING:
    from bots.documents.capture import Captured
    from bots.documents.document import Box
    from bots.documents.pages.page import Page

WORDS = "words.z"
"""The file under which a reading keeps the words of its pages with the run."""
MOST = 8  # documents whose words are held in memory, those looked at last
_held: OrderedDict[str, list[Page]] = OrderedDict()
_lock = Lock()


def words_of(case: Case, number: int) -> list[tuple[str, Box]]:
    """The words of a page in the order they are read, with their boxes; UsageError where there is no such page."""
    from bots.documents.capture import words_on

    page = next((page for page in _pages(case, number) if page.number == number), None)
    if page is None:
        raise UsageError(f"the document has no page {number}", advice="choose one of its pages")
    return words_on(page)


def captured(case: Case, field: str, number: int, box: Box) -> Captured:
    """What stands in a box of a page, read as a field. Raises BusinessException with what is wrong about it."""
    from bots.documents.capture import capture

    return capture(_pages(case, number), _result(case)["schema_fields"], field, number, box)


def _pages(case: Case, number: int) -> list[Page]:
    """The pages as the reading kept them; where it did not keep this one's words, they are read anew."""
    from bots.documents.capture import kept_pages

    kept = _kept(case)
    if kept is not None:
        pages = _known(kept.name) or _hold(kept.name, kept_pages(kept.read_bytes()))
        if any(page.number == number and page.words for page in pages):
            return pages
    return _anew(case)


def _kept(case: Case) -> Path | None:
    """The file with the words that the reading kept, if it is still there."""
    path = case.step["path"] if case.step is not None else None
    found = [row for row in case.artifacts if row["name"] == WORDS and row["path"] == path]
    file = case.folder.path(str(found[-1]["sha256"])) if found else None
    return file if file is not None and file.is_file() else None


def _anew(case: Case) -> list[Page]:
    """The pages read from the file itself, in a child process: it may be of anybody's making."""
    from bots.documents.capture import pages_anew

    files = [told for told in case.item["inputs"].values() if is_file(told)]
    told: Any = next((told for told in files if told["name"] == _result(case)["file"]), None)
    file = case.folder.here(str(told["path"])) if told is not None else None
    if file is None or not file.is_file():
        raise UsageError("the words of this document are not kept any more", advice="type the value")
    return _known(str(told["sha256"])) or _hold(str(told["sha256"]), pages_anew(file))


def _result(case: Case) -> Any:
    if case.result is None or "schema_fields" not in case.result:
        raise BusinessException("NO_DOCUMENT", "Nothing here was read from a page", advice="type the value")
    return case.result


def _known(name: str) -> list[Page] | None:
    with _lock:
        if name in _held:
            _held.move_to_end(name)
        return _held.get(name)


def _hold(name: str, pages: list[Page]) -> list[Page]:
    with _lock:
        _held[name] = pages
        while len(_held) > MOST:
            _held.popitem(last=False)
    return pages
