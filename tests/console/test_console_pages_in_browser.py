"""Every page of the console in a real browser: axe, three widths, light and dark, and a focus that can be seen.

The table of pages is held against the routes: a page without a place here fails.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from console.access import ByToken, api_routes, door_of
from console.app import create_app
from tests.console.conftest import Visit
from tests.console.office import Office
from tests.console.test_console_in_browser import AXE, living_office

pytestmark = pytest.mark.browser

PAGES = {
    "/": ["queue"],
    "/causes/{fingerprint}": ["cause"],
    "/calls": ["calls"],
    "/exceptions/{name}": ["review", "business", "approval", "uncertain"],
    "/items": ["items"],
    "/items/{name}": ["item"],
    "/runs/{name}": ["run"],
    "/effects": ["effects"],
    "/workflows": ["workflows"],
    "/workflows/{name}": ["workflow"],
    "/workflows/{name}/run": ["start"],
    "/vendors": ["vendors"],
    "/vendors/{name}": ["vendor"],
    "/dashboard": ["/dashboard"],
    "/dashboard/sample": ["/dashboard/sample"],
    "/dashboard/{key}": ["/dashboard/sla", "/dashboard/compliance", "/dashboard/straight-through"],
    "/alerts": ["/alerts"],
    "/account": ["/account"],
    "/account/prove": ["/account/prove"],
    "/users": ["/users"],
    "/users/{name}": ["/users/ada"],
    "/audit": ["/audit"],
    "/api/v1/docs": ["/api/v1/docs"],
}
"""The name of a place of the living office, or the place itself."""
ELSEWHERE = {
    "/sign-in": "a signed in person is sent on; see below",
    "/sign-in/second": "asked between password and queue, see the tests of the second factor",
    "/sign-in/company": "leads to the company's provider",
    "/sign-in/company/back": "comes from the company's provider",
    "/set-up/{token}": "a link that is used once, see the tests of users",
    "/healthz": "no page",
    "/readyz": "no page",
    "/api/v1/openapi.json": "no page",
    "/queue/rows": "part of a page",
    "/queue/events": "a stream",
    "/causes/{fingerprint}/progress": "part of a page",
    "/exceptions/{name}/words/{page}": "data of a page",
    "/exceptions/{name}/lookers": "part of a page",
    "/items/{name}/files/{input}": "a file",
    "/artifacts/{name}": "a file",
    "/runs/{name}/replay": "a file of its own, see the tests of the replay",
}

FAINT = """() => {
    const at = document.activeElement, style = getComputedStyle(at);
    const shown = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1;
    return at === document.body || shown || style.boxShadow !== 'none' ? '' : at.outerHTML.slice(0, 120);
}"""


def look(page: Page, name: str, width: int) -> None:
    """Axe in light and dark, and nothing wider than the window."""
    page.evaluate(AXE.read_text())
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found = page.evaluate("axe.run().then(done => done.violations)")
        told = [(rule["id"], node["html"][:120]) for rule in found for node in rule["nodes"]]
        assert not told, f"{name} at {width}, {scheme}"
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width, f"{name} is {wide} wide at {width}"


def test_every_page_has_a_place_in_this_table(office: Office) -> None:
    routes = [route for route in api_routes(create_app(office.services).routes) if "GET" in route.methods]
    pages = {route.path for route in routes if not isinstance(door_of(route), ByToken)}
    assert pages == PAGES.keys() | ELSEWHERE.keys()


@pytest.mark.parametrize("width", [400, 900, 1440])
def test_axe_finds_nothing_on_any_page_in_light_and_dark(staffed: Office, visit: Visit, width: int) -> None:
    places = living_office(staffed)
    page = visit("root", viewport={"width": width, "height": 900})
    for name in (name for names in PAGES.values() for name in names):
        answer = page.goto(staffed.address + places.get(name, name))
        assert answer is not None and answer.status == 200, name
        look(page, name, width)
        for _ in range(12):
            page.keyboard.press("Tab")
            assert not page.evaluate(FAINT), f"{name}: a focus that nobody sees"


@pytest.mark.parametrize("width", [400, 900, 1440])
def test_axe_finds_nothing_on_the_page_to_sign_in(staffed: Office, visit: Visit, width: int) -> None:
    page = visit("root", viewport={"width": width, "height": 900})
    page.context.clear_cookies()
    page.goto(staffed.address + "/sign-in")
    look(page, "sign-in", width)
