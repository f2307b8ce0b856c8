"""Overlays that come when they like: closed before a verb, and while one waits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.errors import ApplicationException

pytestmark = pytest.mark.browser

OPEN = {"open": "/"}
COOKIES = {"when": "We use cookies", "do": [{"click": "Accept"}]}

SHOP = """<button id=order onclick="said.textContent = 'Ordered'">Order</button><p id=said></p>
<div id=banner style="position:fixed;inset:0;background:#eee;display:%s">We use cookies
<button onclick="%s">Accept</button></div>
<script>%s</script>"""
CLOSES = "banner.style.display = 'none'"


def test_a_banner_that_is_there_is_closed_before_the_verb(site: Any, bot: Any) -> None:
    site.page("/", SHOP % ("block", CLOSES, ""))
    bot.do(OPEN, {"click": "Order"}, {"see": "Ordered"}, handlers=[COOKIES])


def test_a_banner_that_comes_while_a_verb_waits_is_closed(site: Any, bot: Any) -> None:
    later = "setTimeout(() => { banner.style.display = 'block' }, 300); order.disabled = true;"
    site.page("/", SHOP % ("none", CLOSES + "; order.disabled = false", later))
    bot.do(OPEN, {"click": "Order"}, {"see": "Ordered"}, handlers=[COOKIES])


def test_a_text_that_only_shows_after_the_banner_is_awaited(site: Any, bot: Any) -> None:
    later = "setTimeout(() => { banner.style.display = 'block' }, 300)"
    site.page("/", SHOP % ("none", CLOSES + "; said.textContent = 'Welcome'", later))
    bot.do(OPEN, {"see": "Welcome"}, handlers=[COOKIES])


def test_the_connection_knows_the_banners_of_its_system(site: Any, quick: Callable[..., Any]) -> None:
    site.page("/", SHOP % ("block", CLOSES, ""))
    quick(OPEN, {"click": "Order"}, {"see": "Ordered"}, handlers=[COOKIES])


def test_no_banner_no_handler(site: Any, bot: Any) -> None:
    site.page("/", SHOP % ("none", CLOSES, ""))
    bot.do(OPEN, {"click": "Order"}, {"see": "Ordered"}, handlers=[COOKIES])
    assert "browser.handled" not in [name for name, _data in bot.context.events]


def test_a_banner_that_does_not_close_is_told(site: Any, quick: Callable[..., Any]) -> None:
    site.page("/", SHOP % ("block", "", ""))
    with pytest.raises(ApplicationException) as caught:
        quick(OPEN, {"click": "Order"}, handlers=[COOKIES])
    assert "'We use cookies' is still seen" in caught.value.message
    assert "after its handler ran 10 times" in caught.value.message


def test_a_handler_whose_verbs_fail_is_told_as_such(site: Any, quick: Callable[..., Any]) -> None:
    site.page("/", SHOP % ("block", CLOSES, ""))
    with pytest.raises(ApplicationException, match="the handler of 'We use cookies' did not work: there is no button"):
        quick(OPEN, {"click": "Order"}, handlers=[{"when": "We use cookies", "do": [{"click": "Agree"}]}])


def test_closing_a_banner_is_no_effect_of_the_step(site: Any, quick: Callable[..., Any]) -> None:
    site.page("/", SHOP % ("block", CLOSES, ""))
    with pytest.raises(ApplicationException) as caught:
        quick(OPEN, {"fill": {"Nothing": "x"}}, handlers=[COOKIES])
    assert caught.value.outcome == "not_done"
