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
from engine.exceptions import Person  # noqa: E402
from engine.holding import claim  # noqa: E402
from engine.store import tables  # noqa: E402
from engine.store.database import rows  # noqa: E402
from tests.console.office import PASSWORD, Office  # noqa: E402

INVOICES = ROOT / "demo" / "samples" / "invoices"
PICTURES = ROOT / "docs" / "images"
SHOWN = "21_donau_2026-0640.pdf"
COLOURS = 256
MOST_BYTES = 200_000

PAYOUT = """
workflow: expense-payout
title: Expense payouts
inputs:
  person: {type: text, choices: [Anna Berg, Jon Lind, Mia Sand]}
  total: {type: money, min: 0.01, max: 800, description: what is paid out}
  day: {type: date, description: when it was spent}
  urgent: {type: bool, default: false}
  receipt: {type: file, required: false}
triggers:
  - manual: {title: Pay expenses back, by: accounts}
steps:
  - name: Book the payout
    bills.create: {supplier: "${{ item.person }}", number: "EXP ${{ item.day }}", total: "${{ item.total }}"}
    effect: {key: "${{ item.person }}/${{ item.day }}/${{ item.total }}"}
"""
WORKFLOW = """
workflow: invoice-intake
title: Supplier invoices
owner: accounts
inputs: {file: {type: file, required: false}}
triggers:
  - folder: inbox
  - schedule: {cron: "30 7 * * mon-fri", name: reminders, timezone: Europe/Berlin, overlap: skip}
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
    (office.folder / "inbox").mkdir()
    (office.folder / "workflows" / "invoice-intake.yaml").write_text(WORKFLOW)
    (office.folder / "workflows" / "expense-payout.yaml").write_text(PAYOUT)
    office.registry["bills.create"] = REGISTRY["bills.create"]
    office.library.refresh()
    assert not office.library.problems, office.library.problems
    items = {}
    for file in sorted(INVOICES.glob("*.pdf"), key=lambda file: file.name != SHOWN):
        items[file.name] = office.work("invoice-intake", file=str(file))
        office.clock.sleep(7 * 60)
    for name in [name for name in items if "donau" not in name][:2]:
        with office.database.write() as transaction:
            exceptions = rows(transaction, tables.exceptions.select().where(tables.exceptions.c.item == items[name]))
            if exceptions and exceptions[0]["assigned"] in (None, "accounts"):
                claim(transaction, exceptions[0]["id"], Person("jon", ("accounts",)), office.clock.now())
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


def taken(page: Page, name: str, height: int) -> None:
    page.set_viewport_size({"width": 1440, "height": height})
    page.locator("html.scripted").wait_for()
    page.evaluate("document.activeElement.blur()")
    page.wait_for_timeout(300)
    take(page, name)


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
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.get_by_role("heading", name="Exceptions").wait_for()
        page.locator("html.scripted").wait_for()
        for key in ("j", "j", "x", "j", "x"):
            page.keyboard.press(key)
        page.wait_for_timeout(300)
        take(page, "console-queue")
        page.set_viewport_size({"width": 1440, "height": 1240})
        page.goto(f"{office.address}/exceptions/{shown}")
        page.wait_for_load_state("networkidle")
        page.get_by_label("Total", exact=True).focus()
        take(page, "console-item")
        page.goto(office.address)
        page.locator(".causes li a").first.click()
        page.get_by_role("link", name="What they share").click()
        page.get_by_role("heading", name="Fix one").wait_for()
        taken(page, "console-cause", 700)
        page.goto(f"{office.address}/workflows/expense-payout/run")
        page.get_by_label("Person").select_option("Mia Sand")
        page.get_by_label("Total").fill("84.20")
        page.get_by_label("Day").fill("2026-02-27")
        page.get_by_role("button", name="Dry run").click()
        page.get_by_role("heading", name="Dry run").wait_for()
        taken(page, "console-run", 900)
        page.goto(f"{office.address}/workflows/invoice-intake")
        taken(page, "console-workflow", 900)
        browser.close()


main()
