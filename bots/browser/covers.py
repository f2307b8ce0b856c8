"""Secrets in pictures: where a page shows one as text, in a field or anywhere else, the picture is painted over.

The texts of the page are fetched and searched here, because a page must not be told what the secrets are. What a page
draws (a canvas, a picture) has no text to search.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bots.browser.finding import gone

if TYPE_CHECKING:
    from playwright.sync_api import Frame, Page

Box = tuple[float, float, float, float]
MARGIN = 2  # pixels: letters may reach over the edges of their box
COLOUR = (38, 38, 38)
MOVES = 3  # how often a frame may go on to another page while it is asked


@cache
def _script() -> str:
    return (Path(__file__).parent / "page" / "texts.js").read_text(encoding="utf-8")


def covered(picture: bytes, page: Page, scrub: Callable[[str], str], *, full_page: bool) -> bytes:
    """The picture (JPEG, one pixel to a CSS pixel) with what `scrub` would change painted over."""
    boxes = secret_boxes(page, scrub)
    if not boxes:
        return picture
    left, top = page.evaluate("[scrollX, scrollY]") if full_page else (0, 0)
    from PIL import Image, ImageDraw

    with Image.open(io.BytesIO(picture)) as image:
        draw = ImageDraw.Draw(image)
        for x, y, width, height in boxes:
            start = (x + left - MARGIN, y + top - MARGIN)
            draw.rectangle((start, (start[0] + width + 2 * MARGIN, start[1] + height + 2 * MARGIN)), fill=COLOUR)
        painted = io.BytesIO()
        image.save(painted, "JPEG", quality=60)
    return painted.getvalue()


def secret_boxes(page: Page, scrub: Callable[[str], str]) -> list[Box]:
    """Where in the window a text stands that `scrub` would change: left, top, width, height, in all frames."""
    found: list[Box] = []
    for frame in page.frames:
        if not frame.is_detached():
            found += _in_frame(frame, scrub)
    return found


def _in_frame(frame: Frame, scrub: Callable[[str], str]) -> list[Box]:
    from playwright.sync_api import Error

    for _again in range(MOVES):
        try:
            return _boxes(frame, scrub)
        except Error as error:
            if frame.is_detached():
                return []
            if not gone(error):
                raise
    return _boxes(frame, scrub)


def _boxes(frame: Frame, scrub: Callable[[str], str]) -> list[Box]:
    shown = frame.evaluate(_script(), "all")
    if scrub(shown) == shown:
        return []
    parts: list[Any] = frame.evaluate(_script(), "parts")
    hit = {number for number, (text, _box, _above) in enumerate(parts) if scrub(text) != text}
    inner = hit - {parts[number][2] for number in hit}
    boxes = [tuple(parts[number][1]) for number in inner]
    if not boxes:  # it is put together from pieces, or stands where nobody sees it
        boxes = [(0.0, 0.0, *frame.evaluate("[innerWidth, innerHeight]"))] if _is_seen(frame, scrub) else []
    left, top = _corner(frame)
    return [(x + left, y + top, width, height) for x, y, width, height in boxes]


def _is_seen(frame: Frame, scrub: Callable[[str], str]) -> bool:
    text: str = frame.evaluate("document.body ? document.body.innerText : ''")
    return scrub(text) != text


def _corner(frame: Frame) -> tuple[float, float]:
    """Where the frame's document begins in the window."""
    if frame.parent_frame is None:
        return 0.0, 0.0
    box = frame.frame_element().bounding_box()
    return (box["x"], box["y"]) if box is not None else (0.0, 0.0)
