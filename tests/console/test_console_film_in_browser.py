"""The screenshots of a run in a real browser: one after the other by slider and keys, and as links without scripts."""

from __future__ import annotations

import re

import pytest

from engine.store import tables
from engine.store.database import insert_once, rows
from tests.console.conftest import Visit
from tests.console.office import Office
from tests.console.test_console_pages_in_browser import look
from tests.console.test_console_queue import wrong_total

pytestmark = pytest.mark.browser


@pytest.fixture
def run(staffed: Office) -> str:
    """A run with three pictures: the page of its invoice, and two that a bot took afterwards."""
    item = wrong_total(staffed)
    name = str(staffed.exception(item)["run"])
    with staffed.database.write() as transaction:
        picture = next(
            row
            for row in rows(transaction, tables.artifacts.select().where(tables.artifacts.c.run == name))
            if row["media_type"] == "image/png"
        )
        for number in (1, 2):
            staffed.clock.sleep(60)
            later = {"id": f"art_{number}", "name": f"after {number}", "created": staffed.clock.now()}
            assert insert_once(transaction, tables.artifacts, {**picture, **later})
    return name


def test_the_screenshots_are_gone_through_by_keyboard_and_show_their_step(
    staffed: Office, visit: Visit, run: str
) -> None:
    page = visit("ada", f"/runs/{run}")
    told = page.locator(".film figcaption")
    assert told.inner_text().startswith("1 of 3: Read the invoice, ")
    page.get_by_label("Screenshot", exact=True).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert told.inner_text().startswith("3 of 3: Read the invoice, ")
    shown = page.locator(".film figure img")
    assert shown.get_attribute("src") == f"{staffed.address}/artifacts/art_2"
    assert shown.get_attribute("alt") == "after 2"
    assert page.locator(".tstep.at-hand h2").inner_text().startswith("Read the invoice")
    page.locator(".film li a").first.click()
    assert told.inner_text().startswith("1 of 3")
    assert re.search(r"/runs/", page.url)


@pytest.mark.parametrize("width", [400, 900, 1440])
def test_axe_finds_nothing_on_a_run_with_screenshots(visit: Visit, run: str, width: int) -> None:
    page = visit("ada", f"/runs/{run}", viewport={"width": width, "height": 900})
    look(page, "a run with screenshots", width)


def test_without_scripts_the_screenshots_are_links(visit: Visit, run: str) -> None:
    page = visit("ada", f"/runs/{run}", java_script_enabled=False)
    assert page.locator(".film li a").count() == 3
    assert not page.locator(".film figure").is_visible()
    assert str(page.locator(".film li a").last.get_attribute("href")).endswith("/artifacts/art_2")
