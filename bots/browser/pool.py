"""One warm browser for each worker, replaced when it is broken, when it has grown, and when it is old."""

from __future__ import annotations

import json
import os
import shutil
import signal
import threading
import time
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from pathlib import Path

from bots.browser.connection import BrowserConnection
from bots.browser.context_options import context_options
from bots.browser.find_chromium import find_executable, launch_arguments
from bots.browser.processes import argument, child_above, is_running, memory, tree
from bots.browser.profile import Equip, Profile
from bots.browser.watchdog import Watchdog
from engine.context import Context
from engine.errors import ApplicationException, Outcome


@dataclass(frozen=True, slots=True)
class Limits:
    """When a browser that works is replaced all the same, before the next run: runs, hours, bytes of all its processes.

    Pages leak, and so do browsers: a worker that runs for weeks must not end with the memory of its machine.
    """

    runs: int = 500
    hours: float = 4.0
    memory: int = 1_500_000_000


def warm_pool(context: Context, headless: bool, limits: Limits = Limits()) -> Pool:
    """This worker's browser: launched at first use, launched anew when the old one died or has had its time."""
    # Playwright belongs to the thread that started it.
    key = f"browser/{'headless' if headless else 'window'}/{threading.get_ident()}"
    pool = context.resource(key, lambda: Pool(key, headless), Pool.close)
    worn = pool.worn(context.run, limits)
    if worn is not None:
        context.event("browser.replaced", reason=worn)
    if worn is not None or not pool.alive:
        context.drop_resource(key)
        pool = context.resource(key, lambda: Pool(key, headless), Pool.close)
    return pool


class Pool:
    """A running browser, and the profile of the run that works in it."""

    def __init__(self, key: str, headless: bool) -> None:
        from playwright.sync_api import Error, sync_playwright

        self.key = key
        self.overdue = False
        self._pid: int | None = None
        self._driver: int | None = None
        self._folder: str | None = None
        self.watchdog = Watchdog(self._end_overdue, self._is_gone)
        self._began = time.monotonic()
        self._runs = 0
        self._killed = False
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
            self._driver = child_above(self._pid)
            self._folder = argument(self._pid, "user-data-dir")
        except BaseException as error:
            # Left running it would be this thread's only Playwright for ever: no other could start.
            self._playwright.stop()
            if not isinstance(error, Error):
                raise
            raise ApplicationException(
                "BROWSER_CRASHED",
                f"{executable} does not start: {error.message.splitlines()[0]}",
                advice="run `doctor`; it shows the browser and what is wrong with it",
                outcome=Outcome.NOT_DONE,
            ) from error
        self._owner: tuple[str, ...] | None = None
        self._profile: Profile | None = None
        self.codes_used: set[tuple[bytes, int]] = set()  # key and window: systems refuse a code the second time

    @property
    def alive(self) -> bool:
        return not self._killed and self._browser.is_connected()

    def guard(self, seconds: float, *, fixed: bool = False) -> AbstractContextManager[None]:
        """End the browser when the work inside has not come back in time: a page in an endless loop never answers."""
        return self.watchdog.guard(seconds, fixed=fixed)

    def worn(self, run: str, limits: Limits) -> str | None:
        """Why another browser should take over before this run; None while this one is good, or the run is in it."""
        if not self.alive or (self._owner is not None and self._owner[0] == run):
            return None
        hours = (time.monotonic() - self._began) / 3600
        if self._runs >= limits.runs:
            return f"it has served {self._runs} runs"
        if hours >= limits.hours:
            return f"it is {hours:.1f} hours old"
        taken = memory(self.processes())
        if taken > limits.memory:
            return f"it takes {taken / 1e6:,.0f} MB"
        return None

    def processes(self) -> list[int]:
        """The browser's processes, and the driver's that started it."""
        return tree(self._driver or self._pid) if self.alive and self._pid else []

    def profile(
        self,
        owner: tuple[str, ...],
        connection: BrowserConnection,
        hold_back: bool,
        context: Context,
        equip: Equip | None = None,
    ) -> tuple[Profile, bool]:
        """The profile of this owner (run and connection); True if it is a fresh one. A worker has one at a time.

        A fresh one has the session that was kept. `context` is the step's, for that and for files.
        `equip` puts a tape between a fresh one and the network.
        """
        owner = (*owner, str(hold_back))
        if self._profile is not None and self._owner == owner and self._profile.windows():
            return self._profile, False
        self.close_profile()
        self._runs += 1
        kept = context.kept(owner[1]) if connection.keep_session else None
        options = context_options(connection, json.loads(kept) if kept else None, context)
        self._profile = Profile(self._browser, connection, options, hold_back, equip)
        self._owner = owner
        return self._profile, True

    def close_profile(self) -> None:
        profile, self._profile, self._owner = self._profile, None, None
        if profile is not None and self.alive:
            profile.close()

    def _is_gone(self) -> bool:
        return self._pid is not None and not is_running(self._pid)

    def _end_overdue(self) -> None:
        if not self._is_gone():
            self.overdue = True
            self.kill()
        elif self._driver is not None:
            # Some calls wait for ever on a browser that died just then. Without the driver they come back.
            self._killed = True
            with suppress(ProcessLookupError, PermissionError):
                os.kill(self._driver, signal.SIGKILL)

    def kill(self) -> None:
        """End the browser's processes at once, from any thread."""
        self._killed = True
        if self._pid is None:
            return
        for pid in reversed(tree(self._pid)):
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        with suppress(ProcessLookupError, PermissionError):
            group = os.getpgid(self._pid)
            if group == os.getpgid(0):
                os.kill(self._pid, signal.SIGKILL)
            else:
                os.killpg(group, signal.SIGKILL)

    def close(self) -> None:
        self.watchdog.close()
        if threading.get_ident() != self._thread:
            self.kill()
            return
        from playwright.sync_api import Error

        closing = Watchdog(self._end_overdue, self._is_gone)
        try:
            with closing.guard(5), suppress(Error):  # what is already gone need not be closed
                self._browser.close()
        finally:
            closing.close()
            self._playwright.stop()
        if self._folder is not None and Path(self._folder).name.startswith("playwright_"):
            shutil.rmtree(self._folder, ignore_errors=True)  # that of a browser that was killed is left behind

    def _process(self) -> int:
        session = self._browser.new_browser_cdp_session()
        processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
        session.detach()
        return int(next(process["id"] for process in processes if process["type"] == "browser"))
