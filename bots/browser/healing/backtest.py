"""Tries a proposed locator on pages as they were recorded: there it must not lead to anything else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bots.browser.find_chromium import find_executable, launch_arguments
from bots.browser.finding import PAGE
from bots.browser.profile import page_script
from bots.browser.targets import Want, parse

if TYPE_CHECKING:
    from playwright.sync_api import Page


@dataclass
class Backtest:
    """Of how many recorded pages the old target stood on, how many agree; `other` tells what was found instead.

    `before` is a picture (PNG) of the element as it was; None where no recorded page shows it.
    """

    pages: int = 0
    same: int = 0
    none: int = 0
    other: list[str] = field(default_factory=list)
    before: bytes | None = None

    @property
    def passes(self) -> bool:
        return not self.other

    def __str__(self) -> str:
        if not self.pages:
            return "no recorded page shows the old target, so there was nothing to try it on"
        if self.other:
            return f"on {len(self.other)} of {self.pages} recorded pages it is something else: {self.other[0]}"
        return f"tried on {self.pages} recorded pages: {self.same} times the same, {self.none} times nothing"


def backtest(pages: Iterable[Mapping[str, Any]], target: str, locator: str, want: Want) -> Backtest:
    """Open each recorded page, without scripts and network, and look what both locators find there."""
    from playwright.sync_api import sync_playwright

    result = Backtest()
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=find_executable(True), headless=True, args=launch_arguments())
        try:
            context = browser.new_context(offline=True, viewport={"width": 1280, "height": 900})
            page = context.new_page()
            for recorded in _with_frames(pages):
                _try(page, recorded, (target, locator, want), result)
        finally:
            browser.close()
    return result


def _with_frames(pages: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for page in pages:
        yield page
        yield from _with_frames(frame["page"] for frame in page["frames"])


def _try(page: Page, recorded: Mapping[str, Any], asked: tuple[str, str, Want], result: Backtest) -> None:
    target, locator, want = asked
    if not recorded["html"]:
        return
    page.set_content(recorded["html"])
    page.evaluate(page_script())
    given = {"old": parse(target).as_data(), "fresh": parse(locator).as_data(), "want": want}
    told = page.evaluate(f"given => {PAGE}.compare(given)", given)
    if told["old"] != 1:
        return
    result.pages += 1
    if told["same"]:
        result.same += 1
    elif told["fresh"] == 1:
        result.other.append(told["other"])
    else:
        result.none += 1
    if result.before is None:
        element = page.evaluate_handle(f"() => {PAGE}.take(0, 0)").as_element()
        result.before = element.screenshot() if element is not None and element.is_visible() else None
