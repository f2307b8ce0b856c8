"""Reading values, tables and numbers of things from a page."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from bots.browser import failures
from bots.browser.finding import gone
from bots.browser.targets import Target, parse
from bots.browser.values import Kind, as_kind

if TYPE_CHECKING:
    from bots.browser.session import Session

UNCHANGED = 2.0  # seconds at rest with the same rows after a click on `next`: there is no next page
_OFF = (
    "element => element.disabled || element.getAttribute('aria-disabled') === 'true' "
    "|| /(^|[\\s_-])disabled/.test(element.className + ' ' + (element.parentElement?.className || ''))"
)


class Reading:
    def __init__(self, session: Session) -> None:
        self._session = session

    def value(self, source: str, kind: Kind) -> Any:
        """The value beside a label, or what an element shows."""
        found = self._session.finder.find(source, "value")
        text = found.value or ""
        self._session.note(source, {"how": found.how, "box": found.box}, text)
        return as_kind(text, kind, f"{source!r} on {self._session.where()}")

    def count(self, source: str) -> int:
        """How many are seen once the page has come to rest: a nought said too early would be taken for `not done`."""
        self._session.proofs.rest()
        return self._session.finder.ask([parse(source, selector=True)], "text")[0].total

    def table(self, source: str, next_page: str | None, at_most: int) -> list[dict[str, str]]:
        """The rows as records by header, those of the following pages too."""
        target = parse(source, selector=True)
        self._session.proofs.rest()
        told = self._one(target)
        records = _records(told)
        for _page in range(at_most - 1):
            if next_page is None:
                break
            self._session.more_time()
            following = self._turned(target, next_page, told)
            if following is None:
                break
            told = following
            records += _records(told)
        return records

    def _turned(self, target: Target, next_page: str, told: dict[str, Any]) -> dict[str, Any] | None:
        """The table on the next page; None when there is none, or when turning shows the same rows for a while.

        A slow page shows its old rows after the click; they are not read twice.
        """
        if not self._turn(next_page):
            return None
        quiet_since: float | None = None
        for last in self._session.polls():
            self._session.proofs.rest()
            found = self._tables(target)
            if len(found) == 1 and found[0] != told:
                return self._one(target)
            now = time.monotonic()
            quiet_since = now if len(found) != 1 or quiet_since is None else quiet_since
            if last or now - quiet_since > UNCHANGED:
                break
        return None

    def _one(self, target: Target) -> dict[str, Any]:
        for last in self._session.polls():
            found = self._tables(target)
            if len(found) == 1:
                return found[0]
            if last and not found:
                names, lines = self._session.finder.inventory("text")
                where = self._session.where()
                message, advice = failures.not_found(target.text, "any", where, names, lines)
                raise self._session.failure("ELEMENT_NOT_FOUND", message.replace("element", "table", 1), advice)
            if last:
                raise self._session.failure(
                    "ELEMENT_AMBIGUOUS",
                    f"{target.text!r} fits {len(found)} tables on {self._session.where()}, with the headers "
                    + " and ".join(f"[{', '.join(one['headers'])}]" for one in found[:4]),
                    "write `css=` with what tells them apart",
                )
        return {}

    def _tables(self, target: Target) -> list[dict[str, Any]]:
        finder = self._session.finder
        answers = [finder.call(frame, "tables", target.as_data()) for frame in finder.frames(target.frame)]
        return [table for answer in answers for table in answer or []]

    def _turn(self, next_page: str) -> bool:
        """Go to the next page of a table; False when there is none."""
        from playwright.sync_api import Error

        while True:
            result = self._session.finder.ask([parse(next_page)], "click")[0]
            if result.total == 0:
                return False
            if result.total > 1:
                self._session.finder.refuse(parse(next_page), "click", result)
            handle = self._session.finder.take(result.matches[0])
            try:
                if handle is not None and handle.evaluate(_OFF):
                    return False
                if handle is not None:
                    handle.click(timeout=self._session.ms())
                    return True
            except Error as error:
                # The page drew the link anew before it was clicked.
                if not (gone(error) or "not attached to the DOM" in error.message) or self._session.ms() <= 1:
                    raise
            if self._session.ms() <= 1:
                return False


def _records(told: dict[str, Any]) -> list[dict[str, str]]:
    return [dict(zip(told["headers"], row, strict=False)) for row in told["rows"]]
