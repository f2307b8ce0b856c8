"""One warm browser for each worker, replaced when it is broken."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from bots.browser.connection import BrowserConnection
from bots.browser.find_chromium import find_executable, launch_arguments
from bots.browser.profile import Profile
from engine.context import Context
from engine.errors import ApplicationException, Outcome

if TYPE_CHECKING:
    from playwright.sync_api import StorageState

GRACE = 1.0  # seconds past the deadline before a browser that does not answer is ended


def warm_pool(context: Context, headless: bool) -> Pool:
    """This worker's browser: launched at first use, launched anew when the old one died."""
    # Playwright belongs to the thread that started it.
    key = f"browser/{'headless' if headless else 'window'}/{threading.get_ident()}"
    pool = context.resource(key, lambda: Pool(key, headless), Pool.close)
    if not pool.alive:
        context.drop_resource(key)
        pool = context.resource(key, lambda: Pool(key, headless), Pool.close)
    return pool


class Pool:
    """A running browser, the profile of the run that works in it, and the sessions kept between runs."""

    def __init__(self, key: str, headless: bool) -> None:
        from playwright.sync_api import Error, sync_playwright

        self.key = key
        self.overdue = False
        self._thread = threading.get_ident()
        executable = find_executable(headless)
        self._playwright = sync_playwright().start()
        try:
            self._browser = self._playwright.chromium.launch(
                executable_path=executable,
                headless=headless,
                args=launch_arguments(),
                handle_sigint=False,  # the worker decides when the browser ends: it drains first
                handle_sigterm=False,
                handle_sighup=False,
            )
            self._pid = self._process()
        except Error as error:
            self._playwright.stop()
            raise ApplicationException(
                "BROWSER_CRASHED",
                f"{executable} does not start: {error.message.splitlines()[0]}",
                advice="run `doctor`; it shows the browser and what is wrong with it",
                outcome=Outcome.NOT_DONE,
            ) from error
        self._owner: tuple[str, ...] | None = None
        self._profile: Profile | None = None
        self.sessions: dict[str, StorageState] = {}

    @property
    def alive(self) -> bool:
        return self._browser.is_connected()

    @contextmanager
    def guard(self, seconds: float) -> Iterator[None]:
        """End the browser when the work inside has not come back in time: a page in an endless loop never answers."""
        watchdog = threading.Timer(seconds + GRACE, self._end_overdue)
        watchdog.daemon = True
        watchdog.start()
        try:
            yield
        finally:
            watchdog.cancel()

    def profile(self, owner: tuple[str, ...], connection: BrowserConnection, hold_back: bool) -> tuple[Profile, bool]:
        """The profile of this owner (run and connection); True if it is a fresh one. A worker has one at a time."""
        owner = (*owner, str(hold_back))
        if self._profile is not None and self._owner == owner and self._profile.windows():
            return self._profile, False
        self.close_profile()
        storage = self.sessions.get(owner[1]) if connection.keep_session else None
        self._profile = Profile(self._browser, connection, storage, hold_back)
        self._owner = owner
        return self._profile, True

    def close_profile(self) -> None:
        profile, self._profile, self._owner = self._profile, None, None
        if profile is not None and self.alive:
            profile.close()

    def _end_overdue(self) -> None:
        self.overdue = True
        self.kill()

    def kill(self) -> None:
        """End the browser's processes at once, from any thread."""
        with suppress(ProcessLookupError, PermissionError):
            group = os.getpgid(self._pid)
            if group == os.getpgid(0):
                os.kill(self._pid, signal.SIGKILL)
            else:
                os.killpg(group, signal.SIGKILL)

    def close(self) -> None:
        if threading.get_ident() != self._thread:
            self.kill()
            return
        from playwright.sync_api import Error

        with self.guard(5), suppress(Error):  # what is already gone need not be closed
            self._browser.close()
        self._playwright.stop()

    def _process(self) -> int:
        session = self._browser.new_browser_cdp_session()
        processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
        session.detach()
        return int(next(process["id"] for process in processes if process["type"] == "browser"))
