"""Going places: open a page, follow a popup, look into a frame, wait."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from bots.browser.verbs.gestures import By
from bots.browser.verbs.registry import Read, VerbInput, verb

if TYPE_CHECKING:
    from bots.browser.session import Session


class Open(VerbInput):
    short: ClassVar[str | None] = "url"
    url: str = Field(description="An address, or a path below the connection's base_url")


@verb("open", reads=True)
def open_page(input: Open, session: Session) -> Read:
    """Open an address, as if typed; signs in first when the connection says how."""
    session.windows.open(input.url)
    return None


class Url(VerbInput):
    short: ClassVar[str | None] = "has"
    has: str = Field(description="A part of the address that the page must come to, * for anything")


@verb("url", reads=True)
def url(input: Url, session: Session) -> Read:
    """Wait until the page's address contains this: proof that the page went on."""
    session.proofs.url(input.has)
    return None


class Wait(VerbInput):
    short: ClassVar[str | None] = "seconds"
    seconds: float | None = Field(default=None, ge=0, le=600, description="Seconds; prefer to wait for something seen")
    see: str | None = Field(default=None, description="Wait until this text or element is seen")
    gone: str | None = Field(default=None, description="Wait until this text or element is gone")
    timeout: float | None = Field(default=None, gt=0, le=600, description="Seconds to wait for it at most")


@verb("wait", reads=True)
def wait(input: Wait, session: Session) -> Read:
    """Wait for a text, for its end, or (last resort) for seconds."""
    if input.seconds is not None:
        session.pause(input.seconds)
    if input.see is not None:
        session.proofs.see(input.see, timeout=input.timeout)
    if input.gone is not None:
        session.proofs.see_not(input.gone, timeout=input.timeout)
    return None


class Frame(VerbInput):
    short: ClassVar[str | None] = "name"
    name: str = Field(description="The frame's name, title, or part of its address; `top` for the whole page again")


@verb("frame", reads=True)
def frame(input: Frame, session: Session) -> Read:
    """From here on look only inside this frame (all frames are searched without it)."""
    session.windows.enter(input.name)
    return None


class Tab(VerbInput):
    short: ClassVar[str | None] = "which"
    which: str = Field(description="`new`: the one just opened; `main`: the first; `close`: close this one; or a title")


@verb("tab", reads=True)
def tab(input: Tab, session: Session) -> Read:
    """Go to another window or tab: a popup just opened, the first one, or one by its title or address."""
    session.windows.switch(input.which)
    return None


class Scroll(VerbInput):
    short: ClassVar[str | None] = "target"
    target: str = Field(description="What to bring into view; `down`, `up`, `top` or `bottom` for the page")


@verb("scroll", reads=True)
def scroll(input: Scroll, session: Session) -> Read:
    """Bring something into view."""
    steps = {"down": "0, innerHeight * 0.9", "up": "0, -innerHeight * 0.9"}
    ends = {"top": "0, 0", "bottom": "0, document.documentElement.scrollHeight"}
    if input.target in steps:
        session.page.evaluate(f"scrollBy({steps[input.target]})")
    elif input.target in ends:
        session.page.evaluate(f"scrollTo({ends[input.target]})")
    else:
        session.act(input.target, "any", lambda found, ms: found.handle.scroll_into_view_if_needed(timeout=ms))
    return None


class Hover(VerbInput):
    short: ClassVar[str | None] = "target"
    target: str = Field(description="What to move the mouse over")
    at: By | None = Field(default=None, description="Where on it, from its upper left corner: for a chart, a map")


@verb("hover", reads=True)
def hover(input: Hover, session: Session) -> Read:
    """Move the mouse over something, to open its menu or hint."""
    if input.at is not None:
        session.gestures.hover_at(input.target, input.at.right, input.at.down)
    else:
        session.act(input.target, "click", lambda found, ms: found.handle.hover(timeout=ms))
    return None
