"""The pictures of docs/console.md, made anew: `.venv/bin/python scripts/console_pictures.py`.

A small office works the demo's invoices through the real reader; the pictures are the console's own pages.
"""

from __future__ import annotations

import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from PIL import Image  # noqa: E402
from playwright.sync_api import Page, sync_playwright  # noqa: E402
from pydantic import BaseModel, Field  # noqa: E402

from bots.browser.find_chromium import find_browser  # noqa: E402
from engine.action import REGISTRY, Effect, action  # noqa: E402
from engine.context import Context  # noqa: E402
from engine.errors import ApplicationException, Outcome  # noqa: E402
from tests.console.office import PASSWORD, Office  # noqa: E402

INVOICES = ROOT / "demo" / "samples" / "invoices"
PICTURES = ROOT / "docs" / "images"
SHOWN = "21_donau_2026-0640.pdf"
COLOURS = 256
MOST_BYTES = 200_000

WORKFLOW = """
workflow: invoice-intake
title: Supplier invoices
inputs: {file: file}
steps:
  - name: Read the invoice
    document.read: {file: "${{ item.file }}", fields: invoice}
    as: invoice
    review: {when: "${{ len(invoice.problems) > 0 or invoice.confidence < 0.8 }}", assign: accounts}
  - set: {seller: "${{ invoice.seller.name }}"}
  - name: Sign off large amounts
    if: ${{ invoice.total > 3000 }}
    approve: {by: controllers, not: corrector, within: 1 day, show: [invoice.seller.name, invoice.total],
              message: "more than 3000 needs a second person"}
  - name: Book the bill
    bills.create: {supplier: "${{ seller }}", number: "${{ invoice.number }}", total: "${{ invoice.total }}" }
    effect: {key: "${{ seller }}/${{ invoice.number }}"}
    retry: {attempts: 2}
on_exception: {assign: accounts, due: 4 hours}
"""


class NewBill(BaseModel):
    supplier: str
    number: str
    total: str = Field(coerce_numbers_to_str=True)


class Bill(BaseModel):
    bill: str = Field(description="The number that the ERP gave the bill")


@action("bills.create", effect=Effect.MANUAL)
def create_bill(input: NewBill, context: Context) -> Bill:
    """An ERP that has a bad day: it refuses one supplier's bills and loses one answer."""
    if input.supplier.startswith("Papeterie"):
        message = "the ERP has locked the supplier's account for new bills"
        raise ApplicationException("ERP_LOCKED", message, outcome=Outcome.NOT_DONE)
    if input.supplier.startswith("Summit"):
        raise ApplicationException("ERP_TIMEOUT", "the ERP did not answer within 30 s")
    return Bill(bill="B-1")


def work(office: Office) -> str:
    """Fill the queue with what stops of the demo's invoices; the item that is shown."""
    (office.folder / "workflows" / "invoice-intake.yaml").write_text(WORKFLOW)
    office.registry["bills.create"] = REGISTRY["bills.create"]
    office.library.refresh()
    items = {}
    for file in sorted(INVOICES.glob("*.pdf"), key=lambda file: file.name != SHOWN):
        items[file.name] = office.work("invoice-intake", file=str(file))
        office.clock.sleep(7 * 60)
    return items[SHOWN]


def take(page: Page, name: str) -> None:
    """A picture small enough for a repository: the page has few colours."""
    path = PICTURES / f"{name}.png"
    page.screenshot(path=path)
    with Image.open(path) as picture:
        picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise SystemExit(f"{path} has {size} bytes, {MOST_BYTES} are allowed; take fewer colours")


def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright, ExitStack() as stack:
        office = Office(Path(folder))
        stack.callback(office.close)
        office.add_user("anna", "admin", "accounts")
        shown = work(office)
        browser = playwright.chromium.launch(executable_path=find_browser(headless=True).path)
        page = browser.new_page(viewport={"width": 1440, "height": 860}, color_scheme="light")
        page.goto(office.open() + "/sign-in")
        page.get_by_label("Name").fill("anna")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("heading", name="Exceptions").wait_for()
        page.wait_for_load_state("networkidle")
        take(page, "console-queue")
        page.set_viewport_size({"width": 1440, "height": 1190})
        page.goto(f"{office.address}/exceptions/{shown}")
        page.wait_for_load_state("networkidle")
        page.get_by_label("Total", exact=True).focus()
        take(page, "console-item")
        browser.close()


main()
