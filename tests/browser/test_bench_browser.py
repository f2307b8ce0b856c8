"""`bench browser`: the form that moves is filled from YAML, rightly and faster than a field at a time."""

from __future__ import annotations

import pytest

from benchmarks import browser_peers
from benchmarks.browser import Row, challenge, measure, people

pytestmark = pytest.mark.browser


def test_everybody_fills_all_fields_and_a_round_at_once_is_the_faster_way() -> None:
    rows = {row.who: row for row in measure(turns=1)}
    played = [row for row in rows.values() if row.page_ms is not None]
    assert [row.right for row in played] == ["70/70"] * 5
    batch, raw = rows["Clerkwork, a round at once"], rows["raw Playwright, one fill a field"]
    assert batch.page_ms is not None and raw.page_ms is not None
    assert batch.page_ms < raw.page_ms
    assert rows["Selenium"] == Row("Selenium", "not installed: --full installs it", None, None, None)


def test_a_tool_that_cannot_be_had_is_named_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(browser_peers, "find_executable", lambda _headless: "/nowhere")
    with challenge() as url, browser_peers.peers(url, people()) as others:
        assert others == {
            "Robot Framework Browser": "it needs npm, which is not here",
            "Selenium": "it needs chromedriver, which is not here (Debian: chromium-driver)",
        }


def test_the_page_counts_what_is_right_and_nothing_else() -> None:
    from playwright.sync_api import sync_playwright

    from bots.browser.find_chromium import find_executable

    with challenge() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_executable(True), args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(url)
        page.click("text=Start")
        names = set()
        for person in people():
            names |= {field.get_attribute("id") for field in page.query_selector_all("input[data-of]")}
            page.locator("xpath=//label[text()='Email']/following-sibling::input").fill(person["Email"])
            page.click("input[type=submit]")
        assert page.inner_text("#result").startswith("10 of 70 fields right in ")
        assert len(names) == 70, "each round has ids of its own"
        browser.close()
