"""CAPTCHAs: what asks whether a person is at work is for a person to answer, never for the bot."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from engine.errors import BusinessException

if TYPE_CHECKING:
    from playwright.sync_api import Frame

    from bots.browser.session import Session

_FRAMES = re.compile(
    r"recaptcha/(api2|enterprise)/(anchor|bframe)|hcaptcha\.com/|challenges\.cloudflare\.com/|arkoselabs\.com/|"
    r"funcaptcha\.com/|geetest\.com/|/captcha[/.?]",
    re.IGNORECASE,
)
_UNSEEN = "size=invisible"  # a badge that asks nothing
_SHOWN = """() => [...document.querySelectorAll(
  "img[src*=captcha i],canvas[id*=captcha i],input[name*=captcha i],input[id*=captcha i],[class*=captcha i] input")]
  .some(one => one.type !== "hidden" && one.checkVisibility({ visibilityProperty: true }) &&
    one.getBoundingClientRect().width > 10)"""


def refuse_captcha(session: Session) -> None:
    """BusinessException if the page shows one: retrying does not help, and a person can answer it."""
    from playwright.sync_api import Error

    for frame in session.page.frames:
        try:
            shown = _asks(frame)
        except Error:
            if frame.is_detached():
                continue
            raise
        if shown:
            raise BusinessException(
                "CAPTCHA",
                f"{session.place} asks whether a person is at work, with a CAPTCHA ({session.where()})",
                advice="a person signs in or answers it there; then retry the item",
            )


def _asks(frame: Frame) -> bool:
    if frame.parent_frame is not None and _FRAMES.search(frame.url) and _UNSEEN not in frame.url:
        return frame.frame_element().is_visible()
    return bool(frame.evaluate(_SHOWN))
