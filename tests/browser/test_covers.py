"""Secrets that a page shows as text are painted over in pictures of it."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from bots.browser.covers import COLOUR, secret_boxes
from bots.browser.pool import warm_pool

pytestmark = pytest.mark.browser

OPEN = {"open": "/"}
SECRET = "correct-horse-battery"
STYLE = "<style>body{margin:0;background:#fff} input,p,div{font:16px sans-serif} .at{position:absolute}</style>"


def boxes(bot: Any) -> list[list[int]]:
    pool = warm_pool(bot.context, True)
    page = pool._profile.page  # type: ignore[union-attr]
    return [[round(side) for side in box] for box in secret_boxes(page, lambda text: text.replace(SECRET, "***"))]


@pytest.mark.parametrize(
    ("shown", "count"),
    [
        (f"<input value='{SECRET}'>", 1),
        (f"<textarea>{SECRET}</textarea>", 1),
        (f"<input placeholder='{SECRET}'>", 1),
        (f"<select><option>a<option selected>{SECRET}</select>", 1),
        (f"<p>your key is {SECRET}, keep it</p><p>nothing here</p>", 1),
        ("<p><span>correct-</span><b>horse</b>-battery</p>", 1),
        (f"<div id=host></div><script>host.attachShadow({{mode: 'open'}}).innerHTML = '<p>{SECRET}</p>'</script>", 1),
        (f"<input type=password value='{SECRET}'><p>dots show nothing</p>", 0),
        (f"<p style='display:none'>{SECRET}</p><script>var s = '{SECRET}'</script>", 0),
        ("<p>nothing</p>", 0),
    ],
)
def test_attack_18_secrets_in_screenshots_what_shows_a_secret_is_found_and_nothing_else(
    site: Any, bot: Any, shown: str, count: int
) -> None:
    site.page("/", STYLE + shown)
    bot.do(OPEN)
    assert len(boxes(bot)) == count


def test_a_secret_in_a_frame_is_covered_where_the_frame_shows_it(site: Any, bot: Any) -> None:
    site.page("/", f"{STYLE}<iframe class=at style='left:200px;top:100px;border:0' src=/in></iframe>")
    site.page("/in", f"{STYLE}<p class=at style='left:30px;top:20px;margin:0;width:90px;height:18px'>{SECRET}</p>")
    bot.do(OPEN)
    assert boxes(bot) == [[230, 120, 90, 18]]


def test_the_picture_of_a_step_does_not_show_it_also_far_down_the_page(site: Any, bot: Any) -> None:
    site.page("/", f"{STYLE}<input class=at style='left:40px;top:50px;width:300px;height:24px' id=f>"
                   f"<p class=at style='left:40px;top:2000px;margin:0'>{SECRET}</p>"
                   f"<script>f.value = '{SECRET}'; scrollTo(0, 500)</script>")  # fmt: skip
    bot.fresh(secrets={"api": SECRET})
    bot.do(OPEN, {"screenshot": "whole"})
    (path,) = [path for path in bot.context.artifacts.values() if path.name.endswith("whole.jpg")]
    with Image.open(io.BytesIO(path.read_bytes())) as picture:
        for place in ((60, 62), (300, 62), (60, 2010)):
            pixel = picture.getpixel(place)
            assert isinstance(pixel, tuple)
            assert all(abs(one - wanted) < 12 for one, wanted in zip(pixel, COLOUR, strict=True)), (place, pixel)
        white = picture.getpixel((700, 300))
        assert isinstance(white, tuple)
        assert min(white) > 240


def test_the_page_is_never_told_what_is_looked_for(site: Any, bot: Any) -> None:
    site.page("/", f"<p>{SECRET[:6]}</p><script>told = []; for (const name of ['includes', 'indexOf', 'match', 'split'])"
                   "{ const own = String.prototype[name]; String.prototype[name] = function (...given)"
                   " { told.push(String(given[0])); return own.apply(this, given) } }</script>")  # fmt: skip
    bot.fresh(secrets={"api": SECRET})
    bot.do(OPEN, {"screenshot": "whole"})
    told = warm_pool(bot.context, True)._profile.page.evaluate("told.join(' ')")  # type: ignore[union-attr]
    assert SECRET not in told
