"""The 2004 intranet does to a browser what such systems do: seen with Playwright alone, without the bot."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pdfplumber
import pytest
from peers.intranet import EXPIRED, Intranet
from playwright.sync_api import Browser, Dialog, Error, Frame, Page, sync_playwright

from bots.browser.find_chromium import find_browser, launch_arguments

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = find_browser(headless=True)
        browser = playwright.chromium.launch(executable_path=found.path, args=launch_arguments())
        yield browser
        browser.close()


@pytest.fixture
def intranet() -> Iterator[Intranet]:
    with Intranet() as running:
        yield running


@pytest.fixture
def desk(chromium: Browser, intranet: Intranet) -> Iterator[Page]:
    """The workbench, signed in."""
    page = chromium.new_page()
    page.set_default_timeout(30_000)
    page.goto(intranet.url)
    sign_in(page)
    yield page
    page.close()


def sign_in(page: Any) -> None:
    page.fill("[name=u]", "clerk")
    page.fill("[name=p]", "letmein")
    page.click("[value=Logon]")


def frame(page: Page, name: str) -> Frame:
    page.frame_locator(f"frame[name={name}]").locator("body").wait_for()
    found = page.frame(name)
    assert found is not None
    return found


def open_form(page: Page) -> Frame:
    frame(page, "menu").click("text=New voucher")
    main = frame(page, "main")
    main.wait_for_selector("[name=f3]")
    return main


def fill(main: Frame, **fields: str) -> None:
    for name, value in {"f1": "V100", "f3": "R-1", "f4": "01.03.2026", "f5": "1.190,00", **fields}.items():
        main.fill(f"[name={name}]", value)


def save(page: Page, main: Frame) -> None:
    page.once("dialog", lambda dialog: dialog.accept())
    with page.expect_response("**/voucher"):
        main.click("text=Save")
    main.wait_for_load_state()


def test_a_voucher_is_saved_without_a_word(desk: Page, intranet: Intranet) -> None:
    main = open_form(desk)
    fill(main)
    main.select_option("[name=f6]", label="19 % full")
    main.check("[name=f8]")
    main.set_input_files("[name=f10]", {"name": "R-1.pdf", "mimeType": "application/pdf", "buffer": b"%PDF"})
    save(desk, main)
    (voucher,) = intranet.vouchers
    assert (voucher.vendor, voucher.document, voucher.amount) == ("V100", "R-1", Decimal("1190.00"))
    assert (voucher.tax, voucher.blocked, voucher.attachment, voucher.attachment_size) == ("19", True, "R-1.pdf", 4)
    assert main.input_value("[name=f3]") == ""
    assert "saved" not in main.inner_text("body").lower()


@pytest.mark.parametrize("wrong", [{"f5": "1190.00"}, {"f1": "V999"}, {"f4": "2026-03-01"}])
def test_bad_input_is_dropped_without_a_word(desk: Page, intranet: Intranet, wrong: dict[str, str]) -> None:
    main = open_form(desk)
    fill(main, **wrong)
    save(desk, main)
    assert intranet.vouchers == []
    assert main.input_value("[name=f3]") == ""


def test_dialogs_ask_and_complain(desk: Page, intranet: Intranet) -> None:
    said: list[str] = []

    def answer(dialog: Dialog) -> None:
        said.append(f"{dialog.type}: {dialog.message}")
        dialog.dismiss()

    desk.on("dialog", answer)
    main = open_form(desk)
    main.click("text=Save")
    fill(main)
    main.click("text=Save")
    assert said == ["alert: Document no. is missing!", "confirm: Post voucher R-1?"]
    assert intranet.vouchers == []


def test_the_look_up_writes_back_to_its_opener(desk: Page) -> None:
    main = open_form(desk)
    with desk.expect_popup() as opened:
        main.click("[value='...']")
    opened.value.fill("[name=q]", "bolt")
    opened.value.click("[value=Go]")
    opened.value.click("text=V200")
    main.wait_for_function("document.forms[0].f2.value == 'Bolt & Söhne KG'")
    assert main.input_value("[name=f1]") == "V200"


def test_the_session_ends_inside_the_frame(desk: Page, intranet: Intranet) -> None:
    # Only once the frames stand may the session end, or they would show the log-in themselves.
    frame(desk, "menu").wait_for_selector("text=Vouchers")
    frame(desk, "main").wait_for_load_state()
    intranet.expire()
    frame(desk, "menu").click("text=Vouchers")
    main = frame(desk, "main")
    main.wait_for_selector(f"text={EXPIRED}")
    sign_in(main)
    desk.wait_for_function("window.frames.length == 3")


def test_the_session_ends_by_itself() -> None:
    with Intranet(timeout=0.1) as intranet, httpx.Client(base_url=intranet.url, trust_env=False) as client:
        assert client.post("/logon", data={"u": "clerk", "p": "letmein"}).status_code == 302
        assert "FRAMESET" in client.get("/").text
        time.sleep(0.2)
        assert EXPIRED in client.get("/list").text


def test_a_wrong_password_is_answered_with_nothing_but_the_form(intranet: Intranet) -> None:
    with httpx.Client(base_url=intranet.url, trust_env=False) as client:
        answer = client.post("/logon", data={"u": "clerk", "p": "guessed"})
        assert answer.status_code == 200
        assert "Logon" in answer.text
        assert not intranet.sessions


def test_the_list_has_pages_a_search_and_deletes_after_a_question(desk: Page, intranet: Intranet) -> None:
    for number in range(1, 7):
        intranet.add(f"R-{number}")
    frame(desk, "menu").click("text=Vouchers")
    main = frame(desk, "main")
    main.click("text=next")
    main.wait_for_selector("text=R-6")
    assert "6 vouchers, page 2" in main.inner_text("body")
    main.fill("[name=q]", "R-3")
    main.click("[value=Search]")
    main.wait_for_selector("text=1 vouchers, page 1")
    desk.once("dialog", lambda dialog: dialog.accept())
    main.click("text=Delete")
    main.wait_for_selector("text=5 vouchers")
    assert [one.document for one in intranet.vouchers] == ["R-1", "R-2", "R-4", "R-5", "R-6"]


def test_the_report_is_a_pdf_to_download(desk: Page, intranet: Intranet, tmp_path: Path) -> None:
    intranet.add("R-77", "12.50")
    frame(desk, "menu").click("text=Reports")
    with desk.expect_download() as download:
        frame(desk, "main").click("text=Download")
    assert download.value.suggested_filename == "Voucher journal.pdf"
    with pdfplumber.open(io.BytesIO(download.value.path().read_bytes())) as report:
        assert "5100001 V100 R-77 12.50" in report.pages[0].extract_text()


def test_an_answer_that_is_lost_leaves_the_voucher_saved(desk: Page, intranet: Intranet) -> None:
    main = open_form(desk)
    fill(main)
    intranet.lose_next_answer = True
    desk.once("dialog", lambda dialog: dialog.accept())
    with desk.expect_event("requestfailed"):
        main.click("text=Save")
    assert len(intranet.vouchers) == 1


def test_what_is_refused_in_silence_can_be_asked_for(desk: Page, intranet: Intranet) -> None:
    intranet.refuse_next = True
    for _ in range(2):
        main = open_form(desk)
        fill(main)
        save(desk, main)
    assert len(intranet.vouchers) == 1
    with pytest.raises(Error, match="Timeout"):
        main.wait_for_selector("text=saved", timeout=100)
