"""What proves that something happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from bots.browser.verbs.registry import Read, VerbInput, verb

if TYPE_CHECKING:
    from bots.browser.session import Session


class See(VerbInput):
    short: ClassVar[str | None] = "what"
    what: str = Field(description="A text of the page or of a field, or a locator")
    timeout: float | None = Field(default=None, gt=0, le=600, description="Seconds to wait, if not the connection's")


@verb("see", reads=True)
def see(input: See, session: Session) -> Read:
    """Wait until this is seen. A page that shows an error instead is an exception at once."""
    session.proofs.see(input.what, timeout=input.timeout)
    return None


@verb("see_not", reads=True)
def see_not(input: See, session: Session) -> Read:
    """Wait until this is seen no more."""
    session.proofs.see_not(input.what, timeout=input.timeout)
    return None


class Screenshot(VerbInput):
    short: ClassVar[str | None] = "name"
    name: str = Field(default="page", description="Its name among the run's evidence")


@verb("screenshot", reads=True)
def screenshot(input: Screenshot, session: Session) -> Read:
    """Keep a picture of the page with the run."""
    session.evidence.screenshot(input.name, full_page=True)
    return None
