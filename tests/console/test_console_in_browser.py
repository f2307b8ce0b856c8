"""The console in a real browser: by keyboard, without scripts, and as assistive technology sees it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from engine.comments import comment
from engine.exceptions import Person
from engine.holding import claim
from tests.console.conftest import Visit
from tests.console.office import Office
from tests.documents.paper import ENGLISH, GERMAN, draw

pytestmark = pytest.mark.browser

AXE = Path(__file__).parents[1] / "peers" / "axe.min.js"


def wrong_total(office: Office, name: str = "inv-417.pdf", **changes: str) -> str:
    text = {"total": "Total due|£392.00"} | changes
    return office.work("invoice-intake", file=str(draw(office.folder / name, ENGLISH, **text)))


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id"))


def has_focus(page: Page, name: str) -> None:
    expect(page.locator(f"[id='{name}']")).to_be_focused()


def opened(page: Page) -> None:
    """Wait for the page of an item with its scripts."""
    page.get_by_role("heading", name="Why it is here").wait_for()
    page.locator("html.scripted").wait_for()


def leave_the_field(page: Page) -> None:
    expect(page.locator("input:focus")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("input:focus")).to_have_count(0)


def test_one_field_is_corrected_by_keyboard_and_the_next_item_opens(staffed: Office, visit: Visit) -> None:
    first = wrong_total(staffed)
    second = wrong_total(staffed, "inv-418.pdf", number="Invoice number: INV-2026-0418")
    page = visit("ada")
    keys = []

    def press(key: str) -> None:
        keys.append(key)
        page.keyboard.press(key)

    press("j")
    press("Enter")
    opened(page)
    has_focus(page, "field-total")
    expect(page.locator(".box.lit")).to_have_attribute("data-field", "field-total")
    page.keyboard.type("372.00")
    expect(page.get_by_role("button", name="Save 1 change and continue")).to_be_enabled()
    expect(page.get_by_role("button", name="Approve as it is")).to_be_disabled()
    press("Control+Enter")
    page.get_by_text("1 field corrected; the item goes on.").wait_for()
    assert str(staffed.exception(second)["id"]) in page.url
    has_focus(page, "field-total")
    assert len(keys) <= 6
    (decision,) = staffed.decisions(first)
    assert decision["corrections"] == {"total": "372.00"}
    staffed.go_on(first)
    assert staffed.posts == ["INV-2026-0417 372.00"]


def test_tab_and_enter_go_from_one_doubtful_field_to_the_next(staffed: Office, visit: Visit) -> None:
    page = visit("ada", f"/exceptions/{wrong_total(staffed)}")
    opened(page)
    page.get_by_label("Buyer name").focus()
    for key, name in (("Tab", "net_total"), ("Tab", "tax_total"), ("Enter", "total")):
        page.keyboard.press(key)
        has_focus(page, f"field-{name}")
        expect(page.locator(".box.lit")).to_have_attribute("data-field", f"field-{name}")


def test_the_rules_are_asked_while_the_person_types(staffed: Office, visit: Visit) -> None:
    wrong_total(staffed)
    page = visit("ada")
    page.get_by_role("link", name="Northwind Paper Ltd").click()
    opened(page)
    page.get_by_label("Total", exact=True).fill("372.00")
    page.keyboard.press("Tab")
    page.get_by_text("With 1 change every rule holds.").wait_for()
    page.get_by_label("Total", exact=True).fill("5")
    page.keyboard.press("Tab")
    page.get_by_text("but the total says 5").wait_for()
    page.get_by_label("Total", exact=True).focus()
    page.keyboard.press("Escape")
    expect(page.get_by_label("Total", exact=True)).to_have_value("392.00")


def test_a_click_on_a_box_puts_the_cursor_into_its_field(staffed: Office, visit: Visit) -> None:
    wrong_total(staffed)
    page = visit("ada")
    page.get_by_role("link", name="Northwind Paper Ltd").click()
    opened(page)
    box = page.locator("[data-field='field-order_number']")
    box.click()
    has_focus(page, "field-order_number")
    expect(box).to_have_class("box level-sure lit")
    page.keyboard.press("ArrowUp")
    has_focus(page, "field-buyer-tax_id")
    expect(page.locator(".box.lit")).to_have_count(0)


def test_j_k_and_help_work_on_an_item(staffed: Office, visit: Visit) -> None:
    items = [staffed.work("orders", n=f"{number} chairs", confidence=0.4) for number in (1, 2, 3)]
    page = visit("ada", f"/exceptions/{items[0]}")
    opened(page)
    leave_the_field(page)
    page.keyboard.press("j")
    page.get_by_role("heading", name="n 2 chairs").wait_for()
    leave_the_field(page)
    page.keyboard.press("k")
    page.get_by_role("heading", name="n 1 chairs").wait_for()
    leave_the_field(page)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.press("u")
    page.get_by_role("heading", name="Exceptions").wait_for()


def test_new_exceptions_never_move_the_line_that_has_the_focus(staffed: Office, visit: Visit) -> None:
    staffed.work("orders", n="1 chair", confidence=0.4)
    page = visit("ada")
    page.keyboard.press("j")
    here = focused(page)
    wrong_total(staffed)
    page.evaluate("htmx.trigger('#queue-rows', 'show-news')")
    page.get_by_text("The list has changed.").wait_for()
    expect(page.get_by_role("row")).to_have_count(2)
    has_focus(page, here)
    page.keyboard.press("r")
    expect(page.get_by_role("row")).to_have_count(3)
    has_focus(page, here)
    expect(page.get_by_text("The list has changed.")).to_be_hidden()


def test_approve_and_reject_work_without_scripts(staffed: Office, visit: Visit) -> None:
    first = wrong_total(staffed)
    second = wrong_total(staffed, "inv-418.pdf", number="Invoice number: INV-2026-0418")
    page = visit("ada", java_script_enabled=False)
    page.get_by_role("link", name="Northwind Paper Ltd").first.click()
    page.get_by_role("button", name="Approve as it is").click()
    expect(page.get_by_role("status")).to_contain_text("Approved; the item goes on.")
    page.get_by_role("button", name="Reject").click()
    expect(page.get_by_role("alert")).to_contain_text("A rejection needs a reason.")
    page.get_by_label("Reason").fill("not ours")
    page.get_by_role("button", name="Reject").click()
    expect(page.get_by_text("The queue is clear.")).to_be_visible()
    assert (staffed.state(first), staffed.state(second)) == ("ready", "rejected")


def test_a_correction_and_a_retry_work_without_scripts(staffed: Office, visit: Visit) -> None:
    bill = wrong_total(staffed)
    order = staffed.work("orders", n="50 lamps", fail="refused")
    page = visit("ada", f"/exceptions/{bill}", java_script_enabled=False)
    page.get_by_label("Total", exact=True).fill("372.00")
    page.get_by_role("button", name="Save and continue").click()
    expect(page.get_by_role("status")).to_contain_text("1 field corrected")
    expect(page.get_by_text("What a retry does outside")).to_be_visible()
    page.get_by_role("button", name="Retry").click()
    expect(page.get_by_role("status")).to_contain_text("It is tried again.")
    assert (staffed.state(bill), staffed.state(order)) == ("ready", "ready")


def test_four_eyes_are_kept_and_told_in_plain_words(staffed: Office, visit: Visit) -> None:
    item = staffed.work("orders", n="20 chairs", confidence=0.4)
    page = visit("root", f"/exceptions/{item}")
    opened(page)
    page.get_by_label("Value").fill("22 chairs")
    page.keyboard.press("Control+Enter")
    page.get_by_text("1 field corrected").wait_for()
    staffed.go_on(item)
    page.goto(f"{staffed.address}/exceptions/{item}")
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("alert")).to_contain_text("root corrected this item and may not approve it.")
    assert staffed.state(item) == "waiting"


def test_an_uncertain_effect_is_settled_on_the_page(staffed: Office, visit: Visit) -> None:
    item = staffed.work("orders", n="40 lamps", fail="lost_answer")
    page = visit("ada", f"/exceptions/{item}")
    expect(page.get_by_text("It may have happened.")).to_be_visible()
    page.get_by_label("ID").fill("1")
    page.get_by_label("Value").last.fill("40 lamps")
    page.get_by_label("Reason").fill("seen in the shop")
    page.get_by_role("button", name="It was done").click()
    expect(page.get_by_role("status")).to_contain_text("the item goes on")
    staffed.go_on(item)
    assert staffed.state(item) == "done"
    assert staffed.posts == ["40 lamps"]


def test_a_run_can_be_followed_from_step_to_evidence(staffed: Office, visit: Visit) -> None:
    item = wrong_total(staffed)
    page = visit("ada", f"/exceptions/{item}")
    page.get_by_role("link", name="Run", exact=True).click()
    expect(page.get_by_role("heading", name="Read the invoice")).to_be_visible()
    picture = page.get_by_role("img", name="page-1.png")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.naturalWidth") > 100
    page.get_by_text("Values").click()
    expect(page.locator("pre").first).to_contain_text("Northwind Paper Ltd")


def living_office(office: Office) -> dict[str, str]:
    """One of everything; the places of its pages."""
    bill = wrong_total(office)
    draw(office.folder / "re.pdf", GERMAN)
    done = office.work("invoice-intake", file=str(office.folder / "re.pdf"))
    office.work("orders", n="20 chairs", confidence=0.4)
    office.work("orders", n="21 chairs", confidence=0.4)
    approval = office.work("orders", n="30 desks")
    lamps = office.work("orders", n="40 lamps", fail="lost_answer")
    refused = office.work("orders", n="50 lamps", fail="refused")
    assert office.state(done) == "done", office.exception(done)
    with office.database.write() as transaction:
        comment(transaction, refused, Person("ada"), "@root have a look", office.clock.now())
        claim(transaction, bill, Person("root", admin=True), office.clock.now())
    return {
        "queue": "/?assigned=all",
        "cause": f"/causes/{office.exception(refused)['fingerprint']}",
        "calls": "/calls",
        "workflow": "/workflows/orders",
        "start": "/workflows/orders/run",
        "review": f"/exceptions/{bill}",
        "business": f"/exceptions/{refused}",
        "approval": f"/exceptions/{approval}",
        "uncertain": f"/exceptions/{lamps}",
        "items": "/items",
        "item": f"/items/{bill}",
        "run": f"/runs/{office.exception(lamps)['run']}",
        "effects": "/effects",
        "workflows": "/workflows",
        "vendors": "/vendors",
        "vendor": "/vendors/Nordpapier GmbH",
    }


def test_the_scripts_weigh_little() -> None:
    import gzip

    static = Path(__file__).parents[2] / "console" / "static"
    scripts = [*static.glob("*.js"), *static.glob("vendor/*.js")]
    assert sum(len(gzip.compress(path.read_bytes())) for path in scripts) <= 80_000
