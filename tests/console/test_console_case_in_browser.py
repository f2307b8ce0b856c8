"""One item in a real browser: values chosen, drawn and counted in keys; two people at once; the next one at hand."""

from __future__ import annotations

from typing import Literal

import pytest
from playwright.sync_api import Locator, Page, expect

from engine.comments import comment
from engine.exceptions import Person
from tests.console.conftest import Visit
from tests.console.office import Office
from tests.console.test_console_in_browser import AXE, has_focus, opened, wrong_total
from tests.documents.strange import strange

pytestmark = pytest.mark.browser

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def box_on_page(page: Page, box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """Where a box of the first page, in points, is on the screen."""
    frame = page.locator(".sheet svg[data-page='1']").evaluate(
        "sheet => { const at = sheet.getBoundingClientRect(); return [at.left, at.top, at.width / sheet.viewBox.baseVal.width] }"
    )
    left, top, scale = (float(one) for one in frame)
    return (left + box[0] * scale, top + box[1] * scale, left + box[2] * scale, top + box[3] * scale)


def drag(page: Page, box: tuple[float, float, float, float]) -> None:
    x0, y0, x1, y1 = box_on_page(page, box)
    page.mouse.move(x0, y0)
    page.mouse.down()
    page.mouse.move((x0 + x1) / 2, (y0 + y1) / 2)
    page.mouse.move(x1, y1)
    page.mouse.up()


def field(page: Page, label: str) -> Locator:
    return page.get_by_label(label, exact=True)


def strange_bill(office: Office, name: str, **changes: str) -> str:
    """An invoice whose number stands beside words that no reader knows; its total is wrong, so that it is looked at."""
    return office.work("invoice-intake", file=str(strange(office.folder / name, total="1.559,90", **changes)))


NUMBER = (436.0, 149.0, 492.0, 165.0)
"""Around the number on a strange bill."""


def learned_number(office: Office) -> None:
    """The number on the vendor's next document is found where it was drawn."""
    second = strange_bill(office, "re-2.pdf", number="VG-20509")
    told = office.result(second)["fields"]["number"]
    assert (told["value"], told["source"]) == ("VG-20509", "template")


def test_a_box_that_is_drawn_gives_the_value_and_teaches_the_vendor(staffed: Office, visit: Visit) -> None:
    first = strange_bill(staffed, "re-1.pdf", number="VG-20417")
    page = visit("ada", f"/exceptions/{first}")
    opened(page)
    number = field(page, "Number")
    expect(number).to_have_value("5512")
    number.focus()
    drag(page, NUMBER)
    expect(number).to_have_value("VG-20417")
    expect(number).to_be_focused()
    expect(page.locator("#taken")).to_have_text("Number: VG-20417, from “VG-20417”.")
    expect(page.locator(".box.drawn")).to_have_attribute("data-field", "field-number")
    field(page, "Total").focus()
    page.keyboard.press("Alt+1")
    page.keyboard.press("Control+Enter")
    page.get_by_text("2 fields corrected; the item goes on.").wait_for()
    corrections = staffed.decisions(first)[0]["corrections"]
    assert corrections["total"] == "1558.90"
    assert corrections["number"]["value"] == "VG-20417"
    told = staffed.result(first)["fields"]["number"]
    assert (told["page"], told["source"]) == (1, "person")
    assert [round(float(edge)) for edge in told["box"]] == [440, 152, 486, 162]
    staffed.go_on(first)
    assert staffed.posts[0] == "VG-20417 1558.90"
    learned_number(staffed)


def test_escape_puts_back_what_was_read_and_where_it_stood(staffed: Office, visit: Visit) -> None:
    page = visit("ada", f"/exceptions/{strange_bill(staffed, 're-1.pdf')}")
    opened(page)
    number = field(page, "Number")
    number.focus()
    where = "box => ['x', 'y', 'width', 'height', 'class'].map(name => parseFloat(box.getAttribute(name)) || box.getAttribute(name)).join(' ')"
    before = page.locator("[data-field='field-number']").evaluate(where)
    drag(page, NUMBER)
    expect(number).to_have_value("VG-20417")
    page.keyboard.press("Escape")
    expect(number).to_have_value("5512")
    assert page.locator("[data-field='field-number']").evaluate(where) == before
    expect(page.locator("[name='place.number']")).to_have_value("")


def test_a_value_is_taken_from_the_page_by_keyboard_alone(staffed: Office, visit: Visit) -> None:
    item = strange_bill(staffed, "re-1.pdf", number="VG-20417")
    page = visit("ada", f"/exceptions/{item}")
    opened(page)
    number = field(page, "Number")
    number.focus()
    page.keyboard.press("F2")
    told = page.locator("#taken")
    expect(told).to_have_text("Number: 5512")
    page.keyboard.press("ArrowDown")
    expect(told).to_have_text("Number: VG-20417")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Shift+ArrowRight")
    expect(told).to_have_text("Number: Vorgang VG-20417")
    page.keyboard.press("Enter")
    expect(number).to_have_value("VG-20417")
    expect(number).to_be_focused()
    page.keyboard.press("F2")
    expect(told).to_have_text("Number: VG-20417")
    page.keyboard.press("Escape")
    expect(number).to_be_focused()
    expect(page.locator(".band")).to_have_count(0)


def test_a_finger_draws_once_it_was_said_so(staffed: Office, visit: Visit) -> None:
    item = strange_bill(staffed, "re-1.pdf", number="VG-20417")
    page = visit("ada", f"/exceptions/{item}", has_touch=True, viewport={"width": 400, "height": 900})
    opened(page)
    page.get_by_role("button", name="Take a value from the page").click()
    field(page, "Number").focus()
    touch = page.context.new_cdp_session(page)
    page.locator(".sheet svg[data-page='1']").scroll_into_view_if_needed()
    x0, y0, x1, y1 = box_on_page(page, NUMBER)

    def send(kind: str, *at: float) -> None:
        points = [{"x": at[0], "y": at[1]}] if at else []
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    send("touchStart", x0, y0)
    send("touchMove", (x0 + x1) / 2, (y0 + y1) / 2)
    send("touchMove", x1, y1)
    send("touchEnd")
    expect(field(page, "Number")).to_have_value("VG-20417")


def test_a_box_without_words_says_so_and_changes_nothing(staffed: Office, visit: Visit) -> None:
    page = visit("ada", f"/exceptions/{strange_bill(staffed, 're-1.pdf')}")
    opened(page)
    field(page, "Number").focus()
    drag(page, (100, 500, 200, 560))
    expect(page.locator("#taken")).to_have_text(
        "No words were read in this box. Draw it around printed words, or type the value."
    )
    expect(field(page, "Number")).to_have_value("5512")


def test_a_misread_character_costs_six_keys_at_most_all_of_them_counted(staffed: Office, visit: Visit) -> None:
    """Counted from the item's opening to the next one's: every key that goes down, the character typed among them."""
    first = wrong_total(staffed)
    second = wrong_total(staffed, "inv-418.pdf", number="Invoice number: INV-2026-0418")
    here = staffed.exception(first)["id"]
    page = visit("ada", f"/exceptions/{first}")
    opened(page)
    # Of the three sums that do not go together the one that would mend them has the focus.
    has_focus(page, "field-total")
    page.wait_for_load_state("networkidle")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(f"{request.method} {request.url.partition(staffed.address)[2]}"))
    keys = ["ArrowLeft", "ArrowRight", "Delete", "7", "Control+Enter"]
    for key in keys:
        page.keyboard.press(key)
    page.get_by_text("1 field corrected; the item goes on.").wait_for()
    assert len(keys) <= 6
    assert staffed.decisions(first)[0]["corrections"] == {"total": "372.00"}
    assert str(staffed.exception(second)["id"]) in page.url
    # The decision, and that the next item is looked at, which was fetched before.
    page.wait_for_load_state("networkidle")
    own = [line for line in asked if "/static/" not in line and not line.endswith("/focus")]
    there = staffed.exception(second)["id"]
    assert own == [f"POST /exceptions/{here}/correct", f"POST /exceptions/{there}/look"]


def test_an_alternative_is_chosen_with_one_key_and_saved_with_another(staffed: Office, visit: Visit) -> None:
    first = wrong_total(staffed)
    page = visit("ada", f"/exceptions/{first}")
    opened(page)
    has_focus(page, "field-total")
    expect(page.get_by_role("group", name="Other values for Total").get_by_role("button").first).to_have_text(
        "Alt 1372.00net plus tax, every rule holds"
    )
    page.keyboard.press("Alt+1")
    expect(field(page, "Total")).to_have_value("372.00")
    page.get_by_text("With 1 change every rule holds.").wait_for()
    page.keyboard.press("Control+Enter")
    page.get_by_text("1 field corrected; the item goes on.").wait_for()
    assert staffed.decisions(first)[0]["corrections"] == {"total": "372.00"}


def test_two_people_at_once_see_each_other_and_what_the_other_changed(staffed: Office, visit: Visit) -> None:
    item = wrong_total(staffed)
    place = f"/exceptions/{staffed.exception(item)['id']}"
    ada = visit("ada", place)
    opened(ada)
    expect(ada.locator("#lookers")).to_have_text("")
    root = visit("root", place)
    opened(root)
    expect(root.locator("#lookers")).to_contain_text("ada looks at it since 2 Mar, 09:00")
    ada.evaluate("htmx.trigger('#lookers', 'every 20s')")
    ada.reload()
    opened(ada)
    expect(ada.locator("#lookers")).to_contain_text("root looks at it since 2 Mar, 09:00")
    queue = visit("ada")
    expect(queue.get_by_role("row").nth(1)).to_contain_text("root looks at it")
    # Nobody is kept from deciding.
    field(ada, "Buyer name").fill("Harbour Books & Co")
    field(ada, "Total").fill("327.00")
    field(root, "Total").fill("372.00")
    root.keyboard.press("Control+Enter")
    root.get_by_text("1 field corrected").wait_for()
    ada.get_by_role("button", name="Save 2 changes and continue").click()
    expect(ada.get_by_role("alert")).to_contain_text("was already decided")
    told = ada.get_by_role("region", name="root was faster")
    expect(told).to_contain_text("root corrected it")
    rows = [row.inner_text().split("\t") for row in told.get_by_role("row").all()]
    assert rows == [
        ["Field", "Now", "Yours"],
        ["Buyer name", "Harbour Books Ltd", "Harbour Books & Co"],
        ["Total", "372.00 by root", "327.00"],
    ]
    expect(field(ada, "Total")).to_have_value("327.00")
    assert [row["person"] for row in staffed.decisions(item)] == ["root"]


def test_what_a_colleague_decided_is_told_without_scripts_too(staffed: Office, visit: Visit) -> None:
    item = wrong_total(staffed)
    place = f"/exceptions/{staffed.exception(item)['id']}"
    ada = visit("ada", place, java_script_enabled=False)
    root = visit("root", place, java_script_enabled=False)
    root.get_by_label("Reason").fill("paid already")
    root.get_by_role("button", name="Reject").click()
    ada.get_by_role("button", name="Approve as it is").click()
    expect(ada.get_by_role("region", name="root was faster")).to_contain_text("root rejected it")
    expect(ada.get_by_role("region", name="root was faster")).to_contain_text("paid already")
    assert staffed.state(item) == "rejected"


def test_a_look_ends_by_itself(staffed: Office, visit: Visit) -> None:
    item = wrong_total(staffed)
    visit("ada", f"/exceptions/{item}")
    staffed.clock.sleep(9 * 60)
    root = visit("root", f"/exceptions/{item}", java_script_enabled=False)
    expect(root.locator("#lookers")).to_contain_text("ada looks at it since 2 Mar, 09:00")
    staffed.clock.sleep(61)
    root.reload()
    expect(root.locator("#lookers")).to_have_text("")


def test_past_cases_of_the_same_cause_are_shown_with_what_was_decided_and_by_whom(
    staffed: Office, visit: Visit
) -> None:
    first = wrong_total(staffed)
    second = wrong_total(staffed, "inv-418.pdf", number="Invoice number: INV-2026-0418")
    other = wrong_total(
        staffed, "inv-1.pdf", seller="Southgate Tools Ltd|1 Lane|Leeds LS1 2AB", number="Invoice number: S-1"
    )
    page = visit("root", f"/exceptions/{first}", java_script_enabled=False)
    expect(page.get_by_text("What was decided in cases like this")).to_have_count(0)
    page.get_by_label("Total", exact=True).fill("372.00")
    page.get_by_role("button", name="Save and continue").click()
    page.goto(f"{staffed.address}/exceptions/{other}")
    page.get_by_label("Reason").fill("not ours")
    page.get_by_role("button", name="Reject").click()
    page.goto(f"{staffed.address}/exceptions/{second}")
    told = page.locator(".similar li")
    expect(told.first).to_contain_text("Northwind Paper Ltd same vendor corrected: Total = 372.00 root, 2 Mar, 09:00")
    expect(told.last).to_contain_text("Southgate Tools Ltd rejected “not ours” root")
    told.first.get_by_role("link").click()
    expect(page.get_by_text("Decided by root")).to_be_visible()


def test_the_history_is_one_list_of_all_that_happened(staffed: Office, visit: Visit) -> None:
    item = wrong_total(staffed)
    name = str(staffed.exception(item)["id"])
    page = visit("root", f"/exceptions/{name}", java_script_enabled=False)
    staffed.clock.sleep(60)
    page.get_by_role("button", name="Claim").click()
    staffed.clock.sleep(60)
    page.get_by_label("Comment").fill("@ada the vendor wrote to us")
    page.get_by_role("button", name="Comment").click()
    staffed.clock.sleep(60)
    page.get_by_label("Total", exact=True).fill("372.00")
    page.get_by_role("button", name="Save and continue").click()
    staffed.clock.sleep(60)
    staffed.go_on(item)
    page.goto(f"{staffed.address}/exceptions/{name}")
    told = [" ".join(line.inner_text().split()) for line in page.locator("#history li").all()]
    assert [line.partition(" Saved as")[0] for line in told] == [
        "Came in 2 Mar, 09:00",
        "Stopped at “Read the invoice”: TOTALS_DISAGREE 2 Mar, 09:00",
        "root took it 2 Mar, 09:01",
        "root 2 Mar, 09:02 @ada the vendor wrote to us",
        "root corrected: Total = 372.00 2 Mar, 09:03",
        "world.post done 2 Mar, 09:04",
    ]


def test_the_next_item_is_at_hand_and_takes_the_place_of_the_one_that_is_decided(staffed: Office, visit: Visit) -> None:
    first, second, third = (
        wrong_total(staffed, f"inv-{n}.pdf", number=f"Invoice number: INV-2026-04{n}") for n in (17, 18, 19)
    )
    page = visit("ada", f"/exceptions/{staffed.exception(first)['id']}")
    opened(page)
    page.wait_for_load_state("networkidle")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(f"{request.method} {request.url.partition(staffed.address)[2]}"))
    page.keyboard.press("Alt+1")
    page.keyboard.press("Control+Enter")
    page.get_by_text("1 field corrected; the item goes on.").wait_for()
    place = f"/exceptions/{staffed.exception(second)['id']}"
    assert page.url.startswith(staffed.address + place)
    has_focus(page, "field-total")
    expect(page).to_have_title("Northwind Paper Ltd · TOTALS_DISAGREE · Clerkwork")
    assert not [line for line in asked if line.startswith(f"GET {place}?")], "it was there already"
    # It is opened now, and colleagues see that; keys work on it as on any other.
    root = visit("root", place)
    expect(root.locator("#lookers")).to_contain_text("ada looks at it")
    page.keyboard.press("Alt+1")
    page.keyboard.press("Control+Enter")
    page.locator(f"#decision[data-at='/exceptions/{staffed.exception(third)['id']}']").wait_for()
    page.get_by_text("1 field corrected; the item goes on.").wait_for()
    assert [staffed.state(item) for item in (first, second, third)] == ["ready", "ready", "waiting"]
    page.go_back()
    page.get_by_text("Decided by ada").wait_for()


def test_a_next_item_that_changed_meanwhile_is_fetched_anew(staffed: Office, visit: Visit) -> None:
    first, second = (wrong_total(staffed, f"{n}.pdf", number=f"Invoice number: INV-{n}") for n in (17, 18))
    page = visit("ada", f"/exceptions/{staffed.exception(first)['id']}")
    opened(page)
    page.wait_for_load_state("networkidle")
    with staffed.database.write() as transaction:
        comment(transaction, second, Person("root", admin=True), "call me first", staffed.clock.now())
    page.keyboard.press("Alt+1")
    page.keyboard.press("Control+Enter")
    page.get_by_text("1 field corrected; the item goes on.").wait_for()
    expect(page.locator("#history")).to_contain_text("call me first")


def test_a_refusal_keeps_what_was_typed_where_the_next_item_is_at_hand(staffed: Office, visit: Visit) -> None:
    first, _ = (wrong_total(staffed, f"{n}.pdf", number=f"Invoice number: INV-{n}") for n in (17, 18))
    page = visit("ada", f"/exceptions/{staffed.exception(first)['id']}")
    opened(page)
    page.wait_for_load_state("networkidle")
    field(page, "Total").fill("373.00")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text("would still not hold")
    expect(field(page, "Total")).to_have_value("373.00")
    page.get_by_label("Go on although").check()
    page.get_by_role("button", name="Save 1 change and continue").click()
    page.get_by_text("1 field corrected; the item goes on.").wait_for()
    assert staffed.decisions(first)[0]["corrections"] == {"total": "373.00"}


@pytest.mark.parametrize("width", [400, 900, 1440])
def test_axe_finds_nothing_on_an_item_that_several_people_are_at(staffed: Office, visit: Visit, width: int) -> None:
    past, item = (wrong_total(staffed, f"{n}.pdf", number=f"Invoice number: INV-{n}") for n in (17, 18))
    root = visit("root", f"/exceptions/{past}", java_script_enabled=False)
    root.get_by_label("Reason").fill("not ours")
    root.get_by_role("button", name="Reject").click()
    page = visit("ada", f"/exceptions/{item}", viewport={"width": width, "height": 900})
    opened(page)
    page.reload()
    opened(page)
    expect(page.locator("#lookers")).to_contain_text("root looks at it")
    expect(page.locator(".similar li")).to_have_count(1)
    page.get_by_role("button", name="Take a value from the page").click()
    field(page, "Number").focus()
    page.keyboard.press("F2")
    expect(page.locator("#taken")).to_have_text("Number: INV-18")
    source = AXE.read_text()
    axe_finds_nothing(page, source, width)
    root.get_by_label("Reason").fill("not ours either")
    root.get_by_role("button", name="Reject").click()
    page.keyboard.press("Escape")
    field(page, "Total").fill("372.00")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("region", name="root was faster")).to_be_visible()
    axe_finds_nothing(page, source, width)


def axe_finds_nothing(page: Page, source: str, width: int) -> None:
    page.evaluate(source)
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found = page.evaluate("axe.run().then(done => done.violations)")
        assert not [(rule["id"], node["html"][:120]) for rule in found for node in rule["nodes"]], scheme
    assert page.evaluate("document.documentElement.scrollWidth") <= width
