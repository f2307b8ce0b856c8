"""What the page looked like after each verb that may change it: its document without scripts, for `replay`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from playwright.sync_api import Frame

    from bots.browser.session import Session

NAME = "pages.json"
MOST = 3_000_000  # characters kept of one step; of a longer one the last pages


class Snapshots:
    """Collects pages while a step works, and each is kept only once if it stays the same.

    What fills or clicks hands over the page with its own answer; after other verbs it is one more round trip.
    """

    on: ClassVar[bool] = True  # `bench browser` turns it off, to tell what they cost

    def __init__(self, session: Session) -> None:
        self._session = session
        self._handed: dict[str, Any] | None = None
        self._pages: list[dict[str, Any]] = []
        self._verbs: list[int] = []  # which page was seen after the n-th verb

    def wanted_of(self, frame: Frame) -> bool:
        """Whether what is done in this frame should hand over its page: only a page that holds all others can."""
        return self.on and frame.parent_frame is None

    def hand(self, page: dict[str, Any] | None) -> None:
        """The page as it stood when a verb was done in it; None where something is done that shows no page."""
        self._handed = page

    def take(self, *, look: bool) -> None:
        """A verb is done: look at the page, or say that it is as it was."""
        if self.on and look and (found := self._look()) is not None and (not self._pages or self._pages[-1] != found):
            self._pages.append(found)
        self._verbs.append(len(self._pages) - 1)
        self._handed = None

    def keep(self) -> None:
        """Keep them with the run, scrubbed."""
        if not any(page["html"] for page in self._pages):
            return
        size = 0
        for page in reversed(self._pages):
            size = self._clean(page, size)
        told = json.dumps({"pages": self._pages, "verbs": self._verbs}, ensure_ascii=False)
        self._session.context.artifact(NAME, told.encode(), "application/json")
        self._pages, self._verbs = [], []

    def _clean(self, page: dict[str, Any], size: int) -> int:
        """The page and its frames without secrets, and without what would be too much; the size so far."""
        size += len(page["html"])
        page["html"] = self._session.evidence.scrub(page["html"]) if size <= MOST else ""
        for frame in page["frames"]:
            size = self._clean(frame["page"], size)
        return size

    def _look(self) -> dict[str, Any] | None:
        from playwright.sync_api import Error

        if self._handed is not None:
            return self._handed
        try:
            found: dict[str, Any] | None = self._session.finder.call(self._session.page.main_frame, "snapshot", None)
        except Error:
            return None  # a page that cannot be asked shows why in the verb that comes next
        return found
