"""The pages kept for `replay`: they come with the answers of what fills and clicks, not by asking once more."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bots.browser.finding import Finder

pytestmark = pytest.mark.browser

FORM = """<style>p {color: green}</style><label>Vendor <input></label>
<button onclick="done.textContent = 'Entry saved'">Save</button><p id=done></p>"""
LINES = ({"open": "/"}, {"fill": {"Vendor": "ACME"}}, {"click": "Save"}, {"see": "Entry saved"})


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a page's script was asked, in order."""
    told: list[str] = []
    call = Finder.call

    def noted(finder: Finder, frame: Any, method: str, argument: Any) -> Any:
        told.append(method)
        return call(finder, frame, method, argument)

    monkeypatch.setattr(Finder, "call", noted)
    return told


def pages(bot: Any) -> Any:
    (kept,) = [path for path in bot.context.artifacts.values() if path.name.endswith("pages.json")]
    return json.loads(kept.read_text())


def test_what_fills_and_clicks_hands_over_the_page(site: Any, bot: Any, asked: list[str]) -> None:
    site.page("/", FORM)
    bot.do(*LINES)
    assert asked.count("snapshot") == 1  # after `open`
    told = pages(bot)
    opened, filled, saved = (page["html"] for page in told["pages"])
    assert 'value="ACME"' not in opened
    assert 'value="ACME"' in filled
    assert "Entry saved</p>" not in filled
    assert "Entry saved</p>" in saved
    assert told["verbs"] == [0, 1, 2, 2]
    assert all("p { color: green; }" in html for html in (opened, filled, saved))


def test_a_page_that_a_click_leads_to_is_asked_for(site: Any, bot: Any, asked: list[str]) -> None:
    site.page("/", "<a href=/next>Next</a>")
    site.page("/next", "<p>Arrived</p>")
    bot.do({"open": "/"}, {"click": "Next"})
    assert asked.count("snapshot") == 2
    assert ["Arrived" in page["html"] for page in pages(bot)["pages"]] == [False, True]


def test_a_field_that_is_set_once_more_by_keys_is_seen_as_it_is_then(site: Any, bot: Any) -> None:
    ignores = "if (!event.isTrusted || event.inputType !== 'insertText') this.value = event.isTrusted ? this.value : ''"
    site.page("/", f'<label>Vendor <input oninput="{ignores}"></label>')
    bot.do({"open": "/"}, {"fill": {"Vendor": "ACME"}})
    assert 'value="ACME"' in pages(bot)["pages"][-1]["html"]


def test_a_step_that_only_reads_is_looked_at_once(site: Any, bot: Any, asked: list[str]) -> None:
    site.page("/", "<p>Total: 42</p>")
    bot.do({"open": "/"}, {"see": "Total"}, {"read": {"total": "Total"}})
    assert (asked.count("snapshot"), pages(bot)["verbs"]) == (1, [0, 0, 0])
