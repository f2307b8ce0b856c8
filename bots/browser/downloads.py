"""Files that a page gives: downloads, PDFs that the browser shows, the page itself on paper."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import BusinessException

if TYPE_CHECKING:
    from playwright.sync_api import Download

    from bots.browser.session import Session

SHOWN = 1.0  # seconds in which a file that the browser shows could still become a download


class Downloads:
    def __init__(self, session: Session) -> None:
        self._session = session

    def download(self, target: str, to: str | None) -> dict[str, str]:
        """Click, and keep the file that comes."""
        self._session.profile.downloads.clear()
        self._session.profile.shown_files.clear()
        self._session.act(target, "click", lambda found, ms: found.handle.click(timeout=ms))
        coming = self._coming(target)
        self._session.steps_time()
        if isinstance(coming, str):
            rest = self._session.context.remaining() * 1000
            content = self._session.profile.context.request.get(coming, timeout=rest).body()
            return self._keep(coming.partition("?")[0].rpartition("/")[2] or "file.pdf", content, "application/pdf", to)
        kept = self._keep(coming.suggested_filename, Path(coming.path()).read_bytes(), "application/octet-stream", to)
        coming.delete()
        return kept

    def print_page(self, name: str, to: str | None) -> dict[str, str]:
        """The page as a PDF, kept with the run. Only a browser without a window can print."""
        if not self._session.connection.headless:
            raise BusinessException(
                "PAGE_REFUSED",
                f"a browser with a window cannot print to a PDF ({self._session.where()})",
                advice="leave `headless: false` out of the connection",
            )
        return self._keep(f"{name}.pdf", self._session.page.pdf(print_background=True), "application/pdf", to)

    def _keep(self, name: str, content: bytes, kind: str, to: str | None) -> dict[str, str]:
        kept = {"name": name, "sha256": hashlib.sha256(content).hexdigest()}
        kept["artifact"] = self._session.context.artifact(name, content, kind)
        if to is not None:
            path = self._session.context.path(to)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            kept["path"] = str(path)
        return kept

    def _coming(self, target: str) -> Download | str:
        """The file that came, or the address of one that the browser shows in a viewer of its own instead."""
        for last in self._session.polls():
            if self._session.profile.downloads:
                break
            if self._session.profile.shown_files and (last or self._session.waited() > SHOWN):
                return self._session.profile.shown_files[-1]
            if last:
                message = f"no file came after a click on {target!r} ({self._session.where()})"
                raise self._session.failure("PAGE_TIMEOUT", message, "look at the screenshot among the evidence")
        return self._session.profile.downloads.pop()
