"""Windows and frames: open an address, go to a popup, look into a frame."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bots.browser import failures, reach
from engine.errors import BusinessException

if TYPE_CHECKING:
    from playwright.sync_api import Page, Response

    from bots.browser.session import Session

LOADED = 5_000  # milliseconds to wait for pictures and the like; a page is usable before


class Windows:
    """The window at work, and the frame in it if the author chose one."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.frame_name: str | None = None

    @property
    def current(self) -> Page:
        """The window at work; when it was closed, the last one that is open."""
        profile = self._session.profile
        if profile.page.is_closed():
            windows = profile.windows()
            if windows:
                profile.page, self.frame_name = windows[-1], None
        return profile.page

    def address(self, url: str) -> str:
        """A path is below the connection's base_url; an address is itself."""
        if reach.is_whole(url):
            if not reach.is_web(url):
                raise BusinessException(
                    "ADDRESS_REFUSED",
                    f"`open: {url[:200]}` is no page of the web",
                    advice="open addresses with http:// or https://",
                )
            return url
        if not self._session.connection.base_url:
            raise BusinessException(
                "BAD_INPUT",
                f"`open: {url}` is a path, and the step has neither a connection nor a base_url",
                advice="write the whole address, or name a connection",
            )
        return self._session.connection.base_url.rstrip("/") + "/" + url.lstrip("/")

    def open(self, url: str) -> None:
        """Open an address, signed in."""
        wanted = self.address(url)
        self.frame_name = None
        self.go(wanted)
        self._session.door.enter(wanted)

    def _refuse_out_of_reach(self, response: Response) -> None:
        """Leave at once what no step may see; BusinessException, for the address came from what is worked on."""
        place, base = response.server_addr(), self._session.connection.base_url
        if place is None or not reach.is_out_of_reach(place["ipAddress"], urlsplit(response.url).hostname or "", base):
            return
        self._session.page.goto("about:blank")
        raise BusinessException(
            "ADDRESS_REFUSED",
            f"{response.url[:200]} leads to {place['ipAddress']}, which no step may open",
            advice="if that system is meant, make it a connection with this address as its base_url",
        )

    def go(self, address: str) -> None:
        """Open an address as it is."""
        from playwright.sync_api import Error
        from playwright.sync_api import TimeoutError as TookTooLong

        try:
            response = self._session.page.goto(address, wait_until="domcontentloaded", timeout=self._session.ms())
        except TookTooLong as error:
            message = f"{address} did not load in {self._session.waited():.0f} s"
            raise self._session.failure("PAGE_TIMEOUT", message, "give the connection a longer timeout") from error
        except Error as error:
            if "net::ERR" not in error.message or self._session.profile.is_gone():
                raise
            raise self._session.failure("PAGE_NOT_FOUND", *failures.unreachable(address, error.message)) from error
        if response is not None:
            self._refuse_out_of_reach(response)
        if response is not None and response.status >= 400 and not self._session.door.shows_login():
            message = f"{address} answered {response.status} {response.status_text}".rstrip()
            code = "LOGIN_REFUSED" if response.status in (401, 403) else "PAGE_NOT_FOUND"
            raise self._session.failure(code, message, "check the address, and whether this user may see it")
        try:
            self._session.page.wait_for_load_state("load", timeout=min(self._session.ms(), LOADED))
        except TookTooLong:
            self._session.context.event("browser.slow", url=self._session.evidence.scrub(address))

    def enter(self, name: str) -> None:
        """Look only inside this frame from here on."""
        if name == "top":
            self.frame_name = None
            return
        for last in self._session.polls():
            if self._session.finder.frames(name):
                self.frame_name = name
                return
            if last:
                known = ", ".join(repr(one.name or one.url) for one in self._session.page.frames[1:]) or "none"
                message = f"there is no frame {name!r} on {self._session.where()}; its frames: {known}"
                raise self._session.failure("ELEMENT_NOT_FOUND", message, "write one of these names")

    def switch(self, which: str) -> None:
        """Go to another window."""
        if which == "close":
            self._session.page.close()
            self._session.page.bring_to_front()
            return
        for last in self._session.polls():
            windows = self._session.profile.windows()
            found = [windows[0]] if which == "main" else self._called(which)
            if found:
                self._session.profile.page, self.frame_name = found[-1], None
                found[-1].wait_for_load_state("domcontentloaded", timeout=self._session.ms())
                return
            if last:
                open_ones = ", ".join(repr(one.title() or one.url) for one in windows)
                message = f"there is no window {which!r}; open are: {open_ones}"
                raise self._session.failure("ELEMENT_NOT_FOUND", message, "write `new`, `main` or a part of a title")

    def _called(self, which: str) -> list[Page]:
        windows = self._session.profile.windows()
        if which == "new":
            return windows[-1:] if len(windows) > 1 and windows[-1] is not self._session.page else []
        return [one for one in windows if which.lower() in one.title().lower() or which in one.url]
