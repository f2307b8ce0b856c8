"""Clicks and keys: what can send something."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from bots.browser.verbs.gestures import By
from bots.browser.verbs.registry import Read, VerbInput, verb

if TYPE_CHECKING:
    from bots.browser.session import Session


class Click(VerbInput):
    short: ClassVar[str | None] = "target"
    target: str = Field(description="A button, a link or any text, as a person would say it")
    at: By | None = Field(
        default=None, description="Where on it, from its upper left corner: for a canvas, a map, a picture"
    )


@verb("click", sends=True)
def click(input: Click, session: Session) -> Read:
    """Click. Say with the next verb what proves it: `see: Entry saved`."""
    if input.at is not None:
        session.gestures.click_at(input.target, input.at.right, input.at.down)
    else:
        session.click(input.target)
    return None


@verb("double_click", sends=True)
def double_click(input: Click, session: Session) -> Read:
    """Click twice in quick succession."""
    if input.at is not None:
        session.gestures.click_at(input.target, input.at.right, input.at.down, times=2)
    else:
        session.act(input.target, "click", lambda found, ms: found.handle.dblclick(timeout=ms))
    return None


@verb("right_click", sends=True)
def right_click(input: Click, session: Session) -> Read:
    """Click with the right button, to open a menu."""
    if input.at is not None:
        session.gestures.click_at(input.target, input.at.right, input.at.down, button="right")
    else:
        session.act(input.target, "click", lambda found, ms: found.handle.click(timeout=ms, button="right"))
    return None


class Press(VerbInput):
    short: ClassVar[str | None] = "key"
    key: str = Field(description="Enter, Tab, Escape, F2, Control+S, ...")
    on: str | None = Field(default=None, description="The field that gets the key; without it, the one in focus")


@verb("press", sends=True)
def press(input: Press, session: Session) -> Read:
    """Press a key or a combination of keys."""
    if input.on is None:
        session.keyboard(input.key)
    else:
        session.act(input.on, "any", lambda found, ms: found.handle.press(input.key, timeout=ms))
    return None
