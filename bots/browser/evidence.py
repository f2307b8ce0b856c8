"""What a browser step leaves behind: pictures before and after, and everything about a failure. Scrubbed of secrets."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from bots.browser.covers import covered
from engine.errors import ItemError

if TYPE_CHECKING:
    from bots.browser.session import Session

PICTURE_LIMIT = 2_500  # milliseconds


class Evidence:
    def __init__(self, session: Session) -> None:
        self._session = session

    def hide(self, text: str) -> None:
        """A value typed into a secret field is scrubbed from what this run leaves behind."""
        self._session.profile.hidden.add(text)

    def scrub(self, text: str) -> str:
        return self._session.profile.hidden.scrub(self._session.context.scrub(text))

    def begin(self) -> None:
        """A trace without pictures costs little; it is kept only if the step fails."""
        self._session.profile.context.tracing.start_chunk()

    def end(self) -> None:
        self._session.snapshots.keep()
        self._session.profile.context.tracing.stop_chunk()

    def screenshot(self, name: str, *, full_page: bool = False) -> str | None:
        """A picture of the page as JPEG; None where the page cannot be drawn."""
        from playwright.sync_api import Error

        try:
            picture = self._session.page.screenshot(
                type="jpeg", quality=60, full_page=full_page, timeout=PICTURE_LIMIT, scale="css"
            )
            picture = covered(picture, self._session.page, self.scrub, full_page=full_page)
        except Error as error:
            self._session.context.event("browser.no_picture", picture=name, reason=error.message.splitlines()[0])
            return None
        return self._session.context.artifact(f"{name}.jpg", picture, "image/jpeg")

    def failure(self, error: ItemError) -> None:
        """Keep the picture, the page of every frame, the console, the last requests and the trace."""
        self._session.snapshots.keep()
        kept = [
            self._text("console.txt", "\n".join(self._session.profile.console)),
            self._text("requests.txt", "\n".join(self._requests())),
            self._tried("trace", self._trace),
            picture := self.screenshot("failure"),
        ]
        if picture is not None:  # a page that hangs cannot be asked for its content either
            kept.append(self._tried("page", lambda: self._text("failure.html", self._pages(), "text/html")))
        self._session.context.event(
            "browser.failed",
            code=error.code,
            message=self.scrub(error.message),
            url=self.scrub(self._session.page.url),
            artifacts=[identity for identity in kept if identity],
        )

    def _tried(self, what: str, keep: Callable[[], str | None]) -> str | None:
        """A page that cannot be drawn any more must not hide why the step failed."""
        from playwright.sync_api import Error

        try:
            return keep()
        except Error as error:
            self._session.context.event("browser.no_evidence", what=what, reason=error.message.splitlines()[0])
            return None

    def _text(self, name: str, text: str, media_type: str = "text/plain") -> str | None:
        if not text:
            return None
        return self._session.context.artifact(name, self.scrub(text).encode(), media_type)

    def _pages(self) -> str:
        frames = [frame for frame in self._session.page.frames if not frame.is_detached()]
        return "\n".join(f"<!-- frame {frame.name or 'top'}: {frame.url} -->\n{frame.content()}" for frame in frames)

    def _requests(self) -> list[str]:
        traffic = self._session.profile.traffic
        return [*traffic.last, *(f"held back {request}" for request in traffic.refused)]

    def _trace(self) -> str | None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "trace.zip"
            self._session.profile.context.tracing.stop_chunk(path=path)
            return self._session.context.artifact("trace.zip", self._scrubbed(path.read_bytes()), "application/zip")

    def _scrubbed(self, content: bytes) -> bytes:
        scrubbed = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(scrubbed, "w", zipfile.ZIP_DEFLATED) as new:
            for entry in old.infolist():
                text = old.read(entry).decode(errors="surrogateescape")  # also what is no text comes back as it was
                new.writestr(entry.filename, self.scrub(text).encode(errors="surrogateescape"))
        return scrubbed.getvalue()
