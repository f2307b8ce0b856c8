"""A browser that has a viewer for PDFs, as one with a window has, in a worker of its own."""

from __future__ import annotations

import shutil
from typing import Any

import pytest

from bots.browser.actions import BrowserStep, browser
from bots.browser.find_chromium import SETTING
from tests.fakes.context import PlainContext

pytestmark = pytest.mark.browser

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def test_a_browser_with_a_viewer_of_its_own_gives_the_file_too(
    site: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = next((path for name in ("chromium", "google-chrome") if (path := shutil.which(name))), None)
    if full is None:
        pytest.skip("only a headless shell is installed here; Debian: apt install chromium")
    monkeypatch.setenv(SETTING, full)
    site.dynamic("/report.pdf", lambda _request: (200, {"Content-Type": "application/pdf"}, PDF))
    site.page("/", "<a href='/report.pdf?month=5' target=_blank>Report</a>")
    with PlainContext(tmp_path) as context:
        lines = [{"open": "/"}, {"download": {"report": "Report"}}]
        got = browser(BrowserStep.model_validate({"base_url": site.url, "do": lines}), context).model_dump()["report"]
        assert context.artifacts[got["artifact"]].read_bytes() == PDF
        assert got["name"] == "report.pdf"
