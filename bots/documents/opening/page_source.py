"""Pages of a file: made by reading children, a stretch at a time, or taken from the cache where it has them."""

from __future__ import annotations

import base64
import time
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from bots.documents.invoices.einvoice import EInvoice
from bots.documents.opening.children import Child, Children
from bots.documents.opening.load import OcrChoice
from bots.documents.opening.page_cache import PageCache
from bots.documents.opening.stretch import STRETCH, Content, Request, Stretch
from bots.documents.pages.codec import from_plain
from bots.documents.pages.limits import Limits
from bots.documents.pages.page import Page
from bots.documents.pages.pdf_file import Unreadable, refuse

MOST_TRIES = 4  # of one stretch: pages on which OCR is given up, or children that died of what they read before


class PageSource:
    """Where pages come from: up to `children` processes, `share` of which read one document together."""

    def __init__(
        self, limits: Limits | None = None, children: int = 1, share: int = 1, cache: PageCache | None = None
    ) -> None:
        self.limits = limits or Limits()
        self.share = share
        self.children = Children(self.limits, children)
        self.cache = cache

    def request(self, path: Path, ocr: OcrChoice, *, einvoice: bool = False) -> Request:
        """What is asked of a file, with what it holds now where there is a cache to look it up in."""
        return Request(path, ocr, einvoice=einvoice, content=Content.of(path) if self.cache else None)

    def begin(self, asked: Request) -> Stretch:
        """The first pages of a document, and how many it has. Raises Unreadable."""
        # Where several can read, the first one only looks what there is to share.
        return self._made(replace(asked, first=1, last=STRETCH if self.share == 1 else 2))

    def go_on(self, asked: Request, spans: Iterable[range]) -> Iterator[Page]:
        """The pages of these spans, in their order; only a few stretches are held at a time. Raises Unreadable."""
        requests = [replace(asked, einvoice=False, first=span.start, last=span.stop - 1) for span in self._cut(spans)]
        started, allowed = time.monotonic(), float(self.limits.document)
        for stretch in self._in_order(requests):
            for page in stretch.pages:
                allowed += self.limits.waiting(ocr=True) if page.source == "ocr" else self.limits.page
                yield page
            if time.monotonic() - started > allowed:
                raise refuse(
                    "TOO_SLOW", f"{asked.path.name} takes more than {allowed:.0f} seconds to read; split the file"
                )

    def pages(self, asked: Request) -> Iterator[Page]:
        """All pages of a document, one after the other; memory does not grow with their number. Raises Unreadable."""
        beginning = self.begin(asked)
        yield from beginning.pages
        yield from self.go_on(asked, [range(len(beginning.pages) + 1, beginning.count + 1)])

    def einvoice(self, path: Path) -> EInvoice:
        """An e-invoice that is a file of its own. Raises Unreadable."""
        with self.children.one() as child:
            answers = list(child.ask({"ask": "einvoice", "path": str(path.absolute())}, path.name))
        found: EInvoice = _understood(EInvoice, answers[0][1] if answers else None, path)
        return found

    def pictures(self, path: Path, most: int) -> Iterator[bytes]:
        """PNG pictures of the first pages for a screen. Raises Unreadable."""
        with self.children.one() as child:
            for _, value in child.ask({"ask": "pictures", "path": str(path.absolute()), "most": most}, path.name):
                yield _png(value, path)

    def close(self) -> None:
        self.children.close()

    def _cut(self, spans: Iterable[range]) -> Iterator[range]:
        """Spans no longer than a stretch, and short enough that all children have some."""
        for span in spans:
            size = min(max(-(-len(span) // (2 * self.share)), 1), STRETCH) if self.share > 1 else STRETCH
            for start in range(span.start, span.stop, size):
                yield range(start, min(start + size, span.stop))

    def _in_order(self, requests: list[Request]) -> Iterator[Stretch]:
        if self.share == 1 or len(requests) < 2:
            yield from map(self._made, requests)
            return
        with ThreadPoolExecutor(self.share) as pool:
            under_way: deque[Future[Stretch]] = deque()
            try:
                for request in requests:
                    under_way.append(pool.submit(self._made, request))
                    if len(under_way) > self.share:
                        yield under_way.popleft().result()
                while under_way:
                    yield under_way.popleft().result()
            finally:
                for future in under_way:
                    future.cancel()

    def _made(self, request: Request) -> Stretch:
        """The stretch, from the cache or newly read."""
        if self.cache is None or request.content is None:
            return self._read(request)
        found = self.cache.find(request, request.content)
        if found is None:
            found = self._read(request)
            self.cache.keep(request, request.content, found)
        return found

    def _read(self, request: Request) -> Stretch:
        """The stretch, read by a child; by another one where the first died of it and there is hope."""
        stretch = Stretch()
        for left in reversed(range(MOST_TRIES)):
            scanning: list[float] = []
            with self.children.one(fresh=left < MOST_TRIES - 1) as child:
                warm = child.answered > 0
                try:
                    self._collect(child, request, stretch, scanning)
                    break
                except Unreadable as unreadable:
                    died_of_others = warm and unreadable.problem.code == "READER_KILLED"
                    given_up = bool(scanning) and unreadable.problem.code == "TOO_SLOW"
                    if child.usable or not left or not (died_of_others or given_up):
                        raise
            if given_up:
                stretch.pages.append(Page(int(scanning[0]), scanning[1], scanning[2], [], "ocr", unread=True))
            if stretch.pages:
                request = replace(request, first=stretch.pages[-1].number + 1, einvoice=False)
                if request.first > min(request.last, stretch.count):
                    break
        return stretch

    def _collect(self, child: Child, request: Request, stretch: Stretch, scanning: list[float]) -> None:
        expected = request.first
        for kind, value in child.ask(request.plain, request.path.name):
            if kind == "count":
                stretch.count = _understood(int, value, request.path)
            elif kind == "einvoice":
                stretch.einvoice = _understood(EInvoice, value, request.path)
            elif kind == "broken":
                stretch.broken = str(value)
            elif kind == "scanning":
                scanning[:] = _understood(tuple[int, float, float], value, request.path)
            elif kind == "page":
                page = _understood(Page, value, request.path)
                if not expected <= page.number <= request.last:
                    raise _nonsense(request.path)
                expected = page.number + 1
                stretch.pages.append(page)
                scanning.clear()


def _png(value: Any, path: Path) -> bytes:
    """A picture that may be shown to a person: nothing else is handed on in its place."""
    try:
        picture = base64.b64decode(value, validate=True)
    except (ValueError, TypeError) as error:
        raise _nonsense(path) from error
    if not picture.startswith(b"\x89PNG\r\n\x1a\n"):
        raise _nonsense(path)
    return picture


def _understood(model: Any, value: Any, path: Path) -> Any:
    try:
        return from_plain(model, value)
    except (ValueError, TypeError) as error:
        raise _nonsense(path) from error


def _nonsense(path: Path) -> Unreadable:
    return refuse("READER_FAULT", f"{path.name} made the reader answer nonsense; enter the values by hand")
