"""What proves that something happened, and the page's own words that it did not."""

from __future__ import annotations

import fnmatch
import time
from typing import TYPE_CHECKING, Any

from bots.browser import failures
from bots.browser.targets import Target, parse
from engine.errors import ApplicationException, BusinessException, ItemError, Outcome

if TYPE_CHECKING:
    from bots.browser.session import Session

REST = 0.15  # seconds without a request after which a page is at rest
REST_LIMIT = 3.0  # a page that polls its server for ever is taken as it is


CERTAIN = ("known", "field")  # words the connection declares, and the browser's own validation, which sends nothing


class Refusal(BusinessException):
    """The page itself says that what was just sent was not taken."""


class Proofs:
    """`see`, `see_not`, `url`; and the errors a page shows after something was sent."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: set[str] = set()  # what the page said before anything was sent
        self._fresh: list[str] = []
        self._awaiting = False

    def sent(self) -> None:
        """Something is about to be sent: what the page says from now on is its answer."""
        self._known |= set(self._fresh)
        self._fresh = []
        self._awaiting = True

    def proven(self) -> None:
        """The author's proof was seen; what else the page says is no answer to what was sent."""
        self._awaiting = False

    def note_errors(self, shown: list[dict[str, Any]]) -> None:
        """Errors seen in a pass: an exception if they answer what was sent, else the page's usual words."""
        fresh = [one for one in shown if one["text"] not in self._known]
        self._fresh = [one["text"] for one in fresh]
        if not self._awaiting:
            self._known |= set(self._fresh)
        elif fresh:
            raise self.refused(self._fresh, certain=all(one["kind"] in CERTAIN for one in fresh))

    def refused(self, texts: list[str], *, certain: bool) -> ItemError:
        """The page refused what was sent: the data is at fault, and nothing was saved.

        That is not `certain` where the page only looks as if: a warning may stand beside what was saved, and something
        may have been saved before. Then it is to be looked up.
        """
        session = self._session
        told = "; ".join(texts[:3])
        message = f"the page refused it: {told} ({session.where()})"
        details: dict[str, object] = {"text": told, "url": session.page.url}
        if session.sent_before or not certain:
            advice = "look up whether something was saved, then correct the data"
            return ApplicationException(
                "PAGE_REFUSED", message, advice=advice, details=details, outcome=Outcome.UNKNOWN
            )
        return Refusal("PAGE_REFUSED", message, advice="correct the data and retry", details=details)

    def see(self, text: str, timeout: float | None = None) -> None:
        """Wait until it is seen."""
        target = parse(text)
        suspected: list[str] = []
        for last in self._session.polls(timeout):
            seen, shown, _loading = self.look(target)
            if seen:
                self.proven()
                self.note_errors(shown)
                return
            answers = [one["text"] for one in shown if one["text"] not in self._known] if self._awaiting else []
            if answers and (answers == suspected or last):  # twice the same: not a flash while the page builds
                raise self.refused(answers, certain=True)  # and the proof is missing
            suspected = answers
            if last:
                self._unseen(target)

    def _unseen(self, target: Target) -> None:
        session = self._session
        session.door.check_expired()
        names, lines = session.finder.inventory("text")
        seen = [*(one["name"] for one in names), *lines]
        text, advice = failures.not_seen(target.text, session.where(), session.waited(), seen)
        raise session.failure("ELEMENT_NOT_FOUND", text, advice)

    def see_not(self, text: str, timeout: float | None = None) -> None:
        """Wait until it is gone, on a page at rest."""
        target = parse(text)
        for last in self._session.polls(timeout):
            seen, shown, loading = self.look(target)
            self.note_errors(shown)
            if not seen and not loading and self._session.profile.traffic.quiet_for() > 0:
                self.proven()
                return
            if last:
                raise self._session.failure(
                    "PAGE_TIMEOUT",
                    f"{text!r} is still seen on {self._session.where()} after {self._session.waited():.0f} s",
                    "give it more time (`timeout:`), or see what the page waits for",
                )

    def url(self, part: str) -> None:
        """Wait until the address contains this part (`*` for anything)."""
        session = self._session
        for last in session.polls():
            if part in session.page.url or fnmatch.fnmatch(session.page.url, f"*{part}*"):
                self.proven()
                return
            self.check()
            if last:
                session.door.check_expired()
                raise session.failure(
                    "PAGE_TIMEOUT",
                    f"the address did not come to contain {part!r}; it is {session.page.url}",
                    "look at the screenshot among the evidence: what stopped the page from going on?",
                )

    def seen_now(self, text: str) -> bool:
        """Is it seen at this moment?"""
        return self.look(parse(text))[0]

    def errors_now(self) -> list[str]:
        """What the page says is wrong, at this moment."""
        return [one["text"] for one in self.look(parse("css=body"))[1]]

    def seen_at_rest(self, text: str) -> bool:
        """Is it seen? No is only said once the page has come to rest."""
        target = parse(text)
        limit = time.monotonic() + REST_LIMIT
        for last in self._session.polls():
            seen, shown, loading = self.look(target)
            self.note_errors(shown)
            if seen:
                return True
            if last or self._rested(loading, limit):
                return False
        return False

    def rest(self) -> None:
        """Wait until the page loads nothing more."""
        limit = time.monotonic() + REST_LIMIT
        for last in self._session.polls():
            _seen, shown, loading = self.look(parse("css=body"))
            if last or self._rested(loading, limit):
                self.note_errors(shown)
                return

    def check(self) -> None:
        """An error that the page shows now as an answer to what was sent is an exception."""
        if self._awaiting:
            self.note_errors(self.look(parse("css=body"))[1])

    def _rested(self, loading: bool, limit: float) -> bool:
        return (not loading and self._session.profile.traffic.quiet_for() >= REST) or time.monotonic() > limit

    def look(self, target: Target) -> tuple[bool, list[dict[str, Any]], bool]:
        """Is it seen; what errors does the page show; is it still loading?"""
        request = {"parts": target.as_data(), "errors": self._session.connection.error_texts}
        seen, loading, shown = False, False, []
        for frame in self._session.finder.frames(target.frame):
            answer = self._session.finder.call(frame, "look", request)
            if answer is None:
                loading = True
                continue
            seen = seen or answer["seen"]
            loading = loading or answer["loading"]
            shown += answer["errors"]
        return seen, shown, loading
