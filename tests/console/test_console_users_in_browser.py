"""The users' page in a real browser: by keyboard, and axe at three widths, light and dark."""

from __future__ import annotations

import pytest

from tests.console.conftest import Visit
from tests.console.office import Office
from tests.console.test_console_in_browser import AXE


@pytest.mark.parametrize("width", [400, 900, 1440])
def test_axe_finds_nothing_on_the_pages_of_users_and_they_work_by_keyboard(
    staffed: Office, visit: Visit, width: int
) -> None:
    page = visit("root", "/users", viewport={"width": width, "height": 900})

    def look(name: str) -> None:
        page.evaluate(AXE.read_text())
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            found = page.evaluate("axe.run().then(done => done.violations)")
            assert not [(rule["id"], node["html"][:120]) for rule in found for node in rule["nodes"]], name
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name

    look("the list")
    page.get_by_label("Name").focus()
    for keys in ("ada", "Tab", "Tab", "accounts", "Enter"):
        page.keyboard.press(keys) if keys in ("Tab", "Enter") else page.keyboard.type(keys)
    page.get_by_role("alert").wait_for()
    look("a refusal")
    page.get_by_label("Name").fill("eva")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Their link").wait_for()
    look("the link")
    page.get_by_role("button", name="Disable").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Enable").wait_for()
    look("one who is disabled")
