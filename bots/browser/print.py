"""A page of HTML as a PDF, printed by the browser that the bots use. Nothing outside is reached, no script runs."""

from __future__ import annotations

from bots.browser.find_chromium import find_executable
from engine.errors import ApplicationException


def pdf_of(html: str) -> bytes:
    """The page on A4; ConfigurationError where there is no browser, ApplicationException where it fails."""
    from playwright.sync_api import Error, PdfMargins, sync_playwright

    path = find_executable(headless=True)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path)
            try:
                context = browser.new_context(java_script_enabled=False, offline=True, color_scheme="light")
                page = context.new_page()
                page.set_content(html)
                edge: PdfMargins = {"top": "14mm", "bottom": "14mm", "left": "14mm", "right": "14mm"}
                return page.pdf(format="A4", print_background=True, margin=edge, tagged=True)
            finally:
                browser.close()
    except Error as error:
        told = error.message.splitlines()[0]
        raise ApplicationException(
            "NOT_PRINTED", f"the browser did not print: {told}", advice="see `doctor`"
        ) from error
