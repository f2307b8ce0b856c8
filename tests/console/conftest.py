from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from bots.browser.find_chromium import find_browser
from engine.store.database import Database
from tests.console.office import PASSWORD, Office

Visit = Callable[..., Page]


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated store that each office begins with."""
    path = tmp_path_factory.mktemp("store") / "clerkwork.sqlite"
    database = Database(f"sqlite:///{path}")
    database.migrate()
    database.close()
    return path


@pytest.fixture
def office(tmp_path: Path, empty_store: Path) -> Iterator[Office]:
    made = Office(tmp_path, empty_store)
    yield made
    made.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(headless=True).path)
        yield browser
        browser.close()


@pytest.fixture
def staffed(office: Office) -> Office:
    office.add_user("ada", "supervisor", "accounts", "buyers")
    office.add_user("root", "admin", "heads")
    return office


@pytest.fixture
def visit(chromium: Browser, staffed: Office) -> Iterator[Visit]:
    """`visit("ada", "/")`: a page of its own, signed in. What the browser complains about fails the test."""
    complaints: list[str] = []
    with ExitStack() as stack:

        def begin(name: str, place: str = "/", **options: Any) -> Page:
            page = stack.enter_context(signed_in(chromium, staffed, name, **options))
            page.on("console", lambda told: complaints.append(told.text) if told.type == "error" else None)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.goto(staffed.address + place)
            return page

        yield begin
    # What is refused answers 409 or 422, which Chromium notes as an error of its own.
    assert not [told for told in complaints if "409" not in told and "422" not in told]


@contextmanager
def signed_in(chromium: Browser, office: Office, name: str, **options: Any) -> Iterator[Page]:
    with chromium.new_context(**{"viewport": {"width": 1440, "height": 900}, **options}) as context:
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.goto(office.open() + "/sign-in")
        page.get_by_label("Name").fill(name)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.get_by_role("heading", name="Exceptions").wait_for()
        yield page
