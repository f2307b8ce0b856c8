"""The dashboard's pages: filters in the address, tiles that say n, zone, freshness and formula, lines that add up."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote

import httpx
import pytest
from playwright.sync_api import Page, expect

from console import keeping
from console.chart import chart
from engine.measures.counting import keep_up
from engine.measures.scope import Given
from engine.measures.tiles import Point
from engine.store import tables
from engine.store.database import rows
from tests.console.conftest import Visit
from tests.console.office import Office, csrf_of, text_of
from tests.console.test_console_in_browser import AXE

TILES = (
    "throughput", "straight-through", "cycle-p50", "cycle-p95", "invoice-time", "sla", "backlog", "exception-rate",
    "accuracy", "silent", "payroll", "compliance", "reliability", "uncertain", "doubled", "handling", "hours-saved",
    "roi", "queries", "paid-in-time",
)  # fmt: skip


@pytest.fixture(autouse=True)
def always_fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "EVERY", 0.0)


@pytest.fixture
def busy(staffed: Office) -> Office:
    """Two failed orders, two rejected ones."""
    given = Given(minutes={"orders": 6.0}, currency="EUR", hour=40, month=0.1, rework=0, upkeep=0)
    staffed.services = replace(staffed.services, given=given)
    stand = [staffed.work("orders", n=f"{turn} lamps", fail="refused") for turn in range(4)]
    with staffed.client("ada") as client:
        for item in stand[:2]:
            staffed.clock.sleep(600)
            page = client.get(f"/exceptions/{item}").text
            answer = client.post(f"/exceptions/{item}/reject", data={"csrf": csrf_of(page), "reason": "not wanted"})
            assert answer.status_code == 303
    return staffed


def tile_of(page: str, title: str) -> str:
    """What one tile says."""
    found = [part for part in page.split('<li class="tile')[1:] if f">{title}</a>" in part]
    return text_of(found[0].split("</li>")[0].split(">", 1)[1])


def board(client: httpx.Client, query: str = "") -> str:
    answer = client.get(f"/dashboard{query}")
    assert answer.status_code == 200, text_of(answer.text)
    return answer.text


def test_each_tile_tells_its_n_its_days_its_freshness_and_its_formula(busy: Office) -> None:
    with busy.client("ada") as client:
        page = board(client)
    assert len(re.findall('<li class="tile', page)) == len(TILES)
    said = tile_of(page, "Straight-through")
    assert said.startswith("Straight-through 0.0 % n = 2 closed items")
    assert "closed as done with no decision of a person / closed" in said
    assert "Days of UTC · counted up to 2 Mar, 09:20" in said
    assert "50.0 % " not in tile_of(page, "Exception rate") and "100.0 %" in tile_of(page, "Exception rate")
    assert "Nobody looked at an item that was closed" in tile_of(page, "Handling time")
    assert "100.0 % n = 4 controls that apply 4 of 4 hold" in tile_of(page, "Compliance")


def test_a_tile_leads_to_the_lines_that_add_up_to_it(busy: Office) -> None:
    with busy.client("ada") as client:
        for key in TILES:
            answer = client.get(f"/dashboard/{key}?days=7&workflow=orders")
            assert answer.status_code == 200, key
        behind = text_of(client.get("/dashboard/exception-rate").text)
        controls = text_of(client.get("/dashboard/compliance").text)
        nothing = client.get("/dashboard/luck")
    assert "4 of 4 started items: with an exception." in behind
    assert "Every rejection has a reason 2" in controls
    assert nothing.status_code == 404 and "There is no tile luck" in text_of(nothing.text)


def test_the_filter_lives_in_the_address_and_what_makes_no_sense_falls_back(busy: Office) -> None:
    busy.clock.sleep(3 * 86400)
    with busy.client("ada") as client:
        assert "n = 2 closed items" in tile_of(board(client, "?workflow=orders"), "Straight-through")
        assert "No closed items" in tile_of(board(client, "?workflow=statements"), "Straight-through")
        named = board(client, "?from=2026-03-01&to=2026-03-02&vendor=Acme")
        assert "2026-03-01 to 2026-03-02" in text_of(named)
        assert "No closed items" in tile_of(named, "Straight-through")
        assert 'href="/dashboard/sla?from=2026-03-01&amp;to=2026-03-02&amp;vendor=Acme"' in named
        for wrong in ("?from=2026-03-09&to=2026-03-02", "?days=9999", "?from=soon&to=never", "?vendor=" + quote("<b>")):
            page = board(client, wrong)
            assert "2026-02-04 to 2026-03-05" in text_of(page) and '<b>"' not in page


def test_a_team_sees_the_figures_of_its_own_work_only(busy: Office) -> None:
    path = busy.folder / "workflows" / "orders.yaml"
    path.write_text(path.read_text().replace("workflow: orders", "workflow: orders\nowner: buyers"))
    busy.library.refresh()
    busy.add_user("out", "viewer")
    busy.add_user("mate", "viewer", "buyers")
    with busy.client("out") as client:
        page = board(client)
        assert "No started items" in tile_of(page, "Exception rate") and ">orders<" not in page
        assert "0 started items" in text_of(client.get("/dashboard/exception-rate?workflow=orders").text)
    with busy.client("mate") as client:
        assert "n = 4 started items" in tile_of(board(client, "?team=buyers"), "Exception rate")


def test_a_sample_is_checked_field_by_field(busy: Office) -> None:
    done = closed(busy)
    with busy.client("ada") as client:
        page = client.get("/dashboard/sample?days=7").text
        assert f"/items/{done}" in page
        form = {"csrf": csrf_of(page), "days": "7"}
        fields = re.findall(r'name="(field\.[^"]+)" value="right"', page)
        assert fields == ["field.total", "field.number"]
        left_out = client.post(f"/dashboard/sample/{done}", data=form | {"field.total": "right"})
        assert left_out.status_code == 404 and "A field was not answered." in text_of(left_out.text)
        answers = {"field.total": "right", "field.number": "wrong", "doubled": "yes"}
        answer = client.post(f"/dashboard/sample/{done}", data=form | answers)
        assert answer.headers["location"] == "/dashboard/sample?days=7"
        assert "All items of this period are checked." in text_of(client.get("/dashboard/sample?days=7").text)
        told = board(client)
        behind = text_of(client.get("/dashboard/accuracy").text)
    assert "50.0 % n = 2 checked fields 95 %: 9.5 % to 90.5 %" in tile_of(told, "Field accuracy")
    assert "100.0 % n = 1 checked items nobody had touched" in tile_of(told, "Silent errors")
    assert "100.0 % n = 1 checked items" in tile_of(told, "Doubled")
    assert "number not known 0 1 0.0 %" in behind.lower()
    busy.add_user("view", "viewer")
    with busy.client("view") as client:
        assert client.get("/dashboard/sample").status_code == 403


def closed(office: Office) -> str:
    """An order that was done without anybody; what it gave are its fields."""
    item = office.work("orders", n="9 lamps", fail="no")
    with office.database.write() as transaction:
        values = {"state": "done", "finished": office.clock.now(), "outputs": {"total": 9, "number": "R-9"}}
        transaction.execute(tables.items.update().where(tables.items.c.id == item).values(**values))
    return item


def test_a_store_that_was_never_counted_is_counted_aside(busy: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "AT_ONCE", 1)
    monkeypatch.setattr("engine.measures.counting.PORTION", 1)
    with busy.client("ada") as client:
        board(client)
        for _ in range(200):
            if "still being counted" not in (page := board(client)):
                break
    assert "n = 4 started items" in tile_of(page, "Exception rate")


def test_a_trend_is_drawn_with_gaps_and_told_in_words() -> None:
    values = (None, 1.0, 3.0, None, 2.0)
    points = [Point(f"2026-03-0{n}", value, f"{value} h") for n, value in enumerate(values, 1)]
    drawn = chart(points)
    assert drawn is not None and drawn.lines == ("M82 41.3 L160 4",) and drawn.dots == ((316.0, 22.7),)
    assert drawn.told == (
        "From 1.0 h on 2026-03-02 to 2.0 h on 2026-03-05; highest 3.0 h on 2026-03-03, lowest 1.0 h on 2026-03-02."
    )
    assert chart(points[:2]) is None


@pytest.mark.browser
def test_the_page_of_an_item_tells_how_long_somebody_was_at_it(busy: Office, visit: Visit) -> None:
    with busy.database.read() as transaction:
        (item, _) = [str(row["item"]) for row in rows(transaction, tables.exceptions.select()) if not row["closed"]]
    page = visit("ada", f"/exceptions/{item}")
    with page.expect_response(lambda answer: answer.url.endswith("/focus")) as told:
        page.reload()
    assert told.value.status == 204
    busy.clock.sleep(40)
    page.reload()

    def counted() -> float:
        with busy.database.read() as transaction:
            (row,) = rows(transaction, tables.focus.select())
        assert (row["item"], row["person"]) == (item, "ada")
        return float(row["seconds"])

    deadline = time.monotonic() + 15  # the page that is left and the one that comes may tell in either order
    while counted() < 40:
        assert time.monotonic() < deadline
        page.wait_for_timeout(50)


@pytest.mark.browser
def test_the_dashboard_is_used_by_keyboard_and_nothing_is_found_by_axe(busy: Office, visit: Visit) -> None:
    closed(busy)
    busy.clock.sleep(86400)
    closed(busy)
    keep_up(busy.database, busy.clock.now() + timedelta(seconds=1), busy.services.timezone)
    page = visit("ada", "/dashboard?days=7")
    page.locator("html.scripted").wait_for()
    page.get_by_role("link", name="Straight-through").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Straight-through")).to_be_visible()
    expect(page.get_by_text("2 of 4 closed items: no human touch.")).to_be_visible()
    page.goto(f"{busy.address}/dashboard?days=7")
    expect(page.get_by_role("img", name="Throughput, its trend")).to_be_visible()
    for place in ("/dashboard?days=7", "/dashboard/straight-through", "/dashboard/compliance", "/dashboard/sample"):
        page.goto(busy.address + place)
        look(page, place)


def look(page: Page, place: str) -> None:
    """Axe in light and dark at three widths; nothing is wider than the window."""
    page.evaluate(AXE.read_text())
    for width in (400, 900, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            found = page.evaluate("axe.run().then(done => done.violations.map(v => [v.id, v.nodes[0].html]))")
            assert found == [], f"{place} at {width} px, {scheme}"
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{place} at {width} px"
