"""Starting work, taking, handing on and clearing many at once, in a real browser by keyboard, and what is live."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from engine import retrials
from tests.console.conftest import Visit
from tests.console.office import Office
from tests.console.test_console_pages_in_browser import look as look_at
from tests.console.test_console_starting import PAY, queued

pytestmark = pytest.mark.browser


def scripted(page: Page) -> None:
    page.locator("html.scripted").wait_for()


def stand(office: Office, number: int) -> list[str]:
    return [office.work("orders", n=f"{turn} lamps", fail="refused") for turn in range(number)]


def paying(office: Office) -> None:
    (office.folder / "workflows" / "pay.yaml").write_text(PAY.replace("WORLD", str(office.world)))
    office.library.refresh()


def test_an_item_is_started_by_keyboard_after_a_mistake_and_a_dry_run(staffed: Office, visit: Visit) -> None:
    paying(staffed)
    page = visit("ada", "/workflows/pay/run")
    page.get_by_label("Total").focus()
    page.keyboard.type("6000")
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    expect(page.get_by_label("Total")).to_have_value("6000")
    expect(page.get_by_label("Total")).to_have_accessible_description(
        "what is paid; from 0.01 up to 5000 total is '6000', expected 5000 or less."
    )
    page.get_by_label("Total").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("60")
    page.get_by_label("Day").fill("2026-03-31")
    page.get_by_label("Terms").focus()
    page.keyboard.type("now")
    page.get_by_label("Slip").set_input_files({"name": "slip.txt", "mimeType": "text/plain", "buffer": b"paid"})
    page.get_by_role("button", name="Dry run").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Dry run: what it would do")).to_be_visible()
    expect(page.get_by_role("row", name="value – 60 now")).to_be_visible()
    expect(page.get_by_text("slip.txt")).to_be_visible()
    assert staffed.posts == [] and not queued(staffed)
    page.get_by_role("button", name="Run now").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("It is queued; a worker takes it up.")
    (item,) = queued(staffed)
    assert item["inputs"]["slip"]["name"] == "slip.txt"


def test_run_now_and_the_brakes_work_without_scripts(staffed: Office, visit: Visit) -> None:
    paying(staffed)
    page = visit("root", "/workflows", java_script_enabled=False)
    page.get_by_role("link", name="Payments", exact=True).click()
    page.get_by_role("link", name="Pay somebody").click()
    page.get_by_label("Total").fill("60")
    page.get_by_label("Day").fill("2026-03-31")
    page.get_by_label("Terms").select_option("now")
    page.get_by_role("button", name="Run now").click()
    expect(page.get_by_role("status")).to_contain_text("It is queued")
    page.goto(f"{staffed.address}/workflows/pay")
    page.get_by_label("Reason").fill("month end")
    page.get_by_role("button", name="Pause the queue").click()
    expect(page.get_by_text("paused by root: month end")).to_be_visible()
    page.get_by_role("button", name="Resume the queue").click()
    expect(page.get_by_text("Open", exact=True)).to_be_visible()


def test_an_item_is_claimed_given_and_talked_about_by_keyboard(staffed: Office, visit: Visit) -> None:
    staffed.add_user("ben", "supervisor", "buyers")
    (item,) = stand(staffed, 1)
    page = visit("ada", f"/exceptions/{item}")
    scripted(page)
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    page.get_by_text("you have it").wait_for()
    scripted(page)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("a")
    expect(page.get_by_label("To", exact=True)).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_label("To", exact=True)).to_be_hidden()
    page.keyboard.press("a")
    page.keyboard.type("ben")
    page.keyboard.press("Tab")
    page.keyboard.type("you know them")
    page.keyboard.press("Enter")
    page.get_by_text("ben has it").wait_for()
    scripted(page)
    page.keyboard.press("m")
    expect(page.get_by_label("Comment")).to_be_focused()
    page.keyboard.type("@ben thanks")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".comment")).to_contain_text("@ben thanks")
    other = visit("ben", "/")
    other.get_by_role("link", name="Calls 2 new").click()
    expect(other.get_by_text("gave it to you")).to_be_visible()


def test_lines_are_picked_with_x_retried_and_taken_back_by_keyboard(staffed: Office, visit: Visit) -> None:
    items = stand(staffed, 4)
    page = visit("ada", "/?assigned=all")
    scripted(page)
    expect(page.get_by_role("button", name="Retry")).to_be_disabled()
    for key in ("j", "x", "j", "j", "Shift+X"):
        page.keyboard.press(key)
    expect(page.get_by_text("3 picked")).to_be_visible()
    page.keyboard.press("b")
    expect(page.get_by_role("button", name="Claim")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Retry 3 exceptions?")).to_be_visible()
    expect(page.get_by_role("button", name="Retry 3")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("3 are tried again.")
    scripted(page)
    assert [staffed.state(item) for item in items] == ["ready"] * 3 + ["exception"]
    page.keyboard.press("z")
    expect(page.get_by_role("status").first).to_contain_text("It was taken back.")
    assert {staffed.state(item) for item in items} == {"exception"}


def test_a_group_of_fifty_known_causes_is_retried_in_three_actions(staffed: Office, visit: Visit) -> None:
    items = stand(staffed, 50)
    page = visit("ada", "/?assigned=all")
    actions = ["REFUSED Place the order", "What they share, retry all"]
    for name in actions:
        page.get_by_role("link", name=name).click()
    page.get_by_role("button", name="Retry all 50, one first").click()
    expect(page.get_by_role("heading", name="One goes first")).to_be_visible()
    assert len(actions) + 1 <= 5
    # It stands again: the page tells so without being asked.
    staffed.go_on(items[0])
    retrials.advance(staffed.database, staffed.clock.now())
    expect(page.get_by_role("heading", name="Stopped; the others stay where they are")).to_be_visible()
    assert [staffed.state(item) for item in items] == ["exception"] * 50


def test_a_new_exception_is_shown_within_seconds_and_never_under_a_picked_line(staffed: Office, visit: Visit) -> None:
    stand(staffed, 1)
    page = visit("ada", "/?assigned=all")
    scripted(page)
    expect(page.get_by_role("row")).to_have_count(2)
    with page.expect_response("**/queue/rows?*") as told:
        staffed.work("orders", n="20 chairs", fail="refused")
    assert told.value.status == 200
    expect(page.get_by_role("row")).to_have_count(3)
    page.get_by_role("checkbox", name="Pick n 0 lamps").check()
    page.mouse.move(0, 0)
    page.evaluate("document.activeElement.blur()")
    staffed.work("orders", n="30 chairs", fail="refused")
    page.get_by_text("The list has changed.").wait_for()
    expect(page.get_by_role("row")).to_have_count(3)
    expect(page.get_by_text("1 picked")).to_be_visible()


def test_a_view_is_kept_for_everybody_by_keyboard(staffed: Office, visit: Visit) -> None:
    stand(staffed, 1)
    page = visit("ada", "/?assigned=all&code=REFUSED")
    scripted(page)
    page.keyboard.press("v")
    page.keyboard.type("Refused orders")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Refused orders")).to_have_attribute("aria-current", "true")
    other = visit("root", "/")
    other.get_by_role("link", name="Refused orders").click()
    assert other.url.endswith("/?assigned=all&code=REFUSED")
    other.get_by_role("button", name="Remove this view").click()
    expect(other.get_by_role("link", name="Refused orders")).to_have_count(0)


def test_times_are_shown_where_the_person_is(staffed: Office, visit: Visit) -> None:
    (item,) = stand(staffed, 1)
    page = visit("ada", f"/exceptions/{item}", timezone_id="Asia/Tokyo")
    expect(page.locator(".facts")).to_contain_text("Raised 2 Mar, 18:00")
    expect(page.get_by_title("Times are shown in Asia/Tokyo")).to_be_visible()


@pytest.mark.parametrize("width", [400, 900, 1440])
def test_axe_finds_nothing_in_what_a_form_answers(staffed: Office, visit: Visit, width: int) -> None:
    paying(staffed)
    stand(staffed, 3)
    page = visit("root", "/workflows/pay/run", viewport={"width": width, "height": 900})

    def look(name: str) -> None:
        scripted(page)
        look_at(page, name, width)

    page.get_by_label("Total").fill("6000")
    page.get_by_role("button", name="Run now").click()
    page.get_by_role("alert").wait_for()
    look("a form with mistakes")
    page.get_by_label("Total").fill("60")
    page.get_by_label("Day").fill("2026-03-31")
    page.get_by_label("Terms").select_option("now")
    page.get_by_role("button", name="Dry run").click()
    page.get_by_role("heading", name="Dry run").wait_for()
    look("a dry run")
    page.goto(f"{staffed.address}/?assigned=all&workflow=orders")
    scripted(page)
    page.get_by_label("All 3 of this view").check()
    page.locator("#bulk summary").last.click()
    look("the bar with a menu")
    page.locator("#bulk summary").last.click()
    page.get_by_role("button", name="Retry").click()
    page.get_by_role("heading", name="Retry 3 exceptions?").wait_for()
    look("a preview")
    page.get_by_role("button", name="Retry 3").click()
    page.get_by_role("status").first.wait_for()
    look("what was done")
    page.get_by_role("button", name="Undo").click()
    page.goto(f"{staffed.address}/?assigned=all&workflow=orders")
    page.get_by_role("link", name="lamps").first.click()
    page.locator(".hands summary").last.click()
    look("a menu of an exception")
    page.get_by_role("link", name="Same cause").click()
    page.get_by_role("button", name="Retry all 3").click()
    page.get_by_role("heading", name="One goes first").wait_for()
    look("a retrial")
