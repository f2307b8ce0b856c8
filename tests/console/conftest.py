from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from bots.browser.find_chromium import find_browser
from engine.store.database import Database
from tests.console.office import Office


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
