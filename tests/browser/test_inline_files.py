"""Reports that a browser would show instead of saving: a PDF that opens in the page is a download all the same."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.browser

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@pytest.mark.parametrize(
    "link",
    [
        "<a href=/report.pdf>Report</a>",
        "<a href=/report.pdf target=_blank>Report</a>",
        "<button onclick=\"window.open('/report.pdf')\">Report</button>",
    ],
)
def test_a_pdf_shown_in_the_page_is_a_download(site: Any, bot: Any, link: str) -> None:
    headers = {"Content-Type": "application/pdf", "Content-Disposition": "inline; filename=may.pdf"}
    site.dynamic("/report.pdf", lambda _request: (200, headers, PDF))
    site.page("/", link)
    got = bot.do({"open": "/"}, {"download": {"report": "Report"}})["report"]
    assert bot.context.artifacts[got["artifact"]].read_bytes() == PDF
    assert got["name"].endswith(".pdf")
