"""Items of other workflows and rows of spreadsheets become work items, once each."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from fakes.shop import Shop

from engine.store import tables
from engine.store.database import rows
from engine.workflows import Library
from scheduler import registered
from scheduler.service import Scheduler
from scheduler.sheet_rows import as_name

FIRST = """
workflow: shop
inputs: {n: {type: integer, required: false, default: 1}, label: {type: text, required: false}}
steps:
  - if: ${{ item.n < 0 }}
    fail: {code: NEGATIVE, message: below nothing}
outputs: {total: "${{ item.n * 2 }}"}
"""
SECOND = """
workflow: after
inputs: {n: integer, total: {type: integer, required: false}}
triggers:
  - queue: TRIGGER
steps:
  - set: {a: 1}
"""
SHEET = """
workflow: shop
inputs: {order_number: {type: integer, required: false}, day: {type: date, required: false}, n: {type: integer, required: false}}
triggers:
  - spreadsheet: TRIGGER
steps:
  - set: {a: 1}
"""


def scheduler(shop: Shop, *more: Path) -> Scheduler:
    shop.engine.library = Library([shop.file, *more], shop.engine.registry)
    made = Scheduler(shop.engine, ZoneInfo("UTC"))
    made.reload()
    return made


def queued(shop: Shop, workflow: str) -> list[dict[str, object]]:
    with shop.database.read() as tx:
        table = tables.items
        found = rows(tx, table.select().where(table.c.workflow == workflow).order_by(table.c.id))
    return [dict(row["inputs"]) for row in found]


def told(shop: Shop) -> list[str]:
    heard: list[str] = []
    shop.engine.events.listen(
        lambda event: heard.append(str(event.data["message"])) if event.name == "trigger.refused" else None
    )
    return heard


# -- another workflow -------------------------------------------------------------------------------------------------


def following(tmp_path: Path, trigger: str) -> tuple[Shop, Scheduler]:
    shop = Shop(tmp_path, FIRST)
    second = tmp_path / "second.yaml"
    second.write_text(SECOND.replace("TRIGGER", trigger))
    shop.work(n=100)
    service = scheduler(shop, second)
    shop.clock.sleep(1)
    return shop, service


def test_what_is_done_after_the_trigger_came_makes_one_item_each(tmp_path: Path) -> None:
    shop, service = following(tmp_path, "shop")
    shop.work(n=3)
    shop.work(n=-1)
    assert len(service.scan()) == 1 and service.scan() == []
    assert queued(shop, "after") == [{"n": 3, "total": 6}], "not the item from before, and not the one that failed"


def test_more_items_than_are_looked_at_at_once_are_all_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scheduler.following.AT_ONCE", 2)
    shop, service = following(tmp_path, "shop")
    for n in range(5):
        shop.work(n=n)
    assert len(service.scan()) == 5
    for n in range(5):
        shop.work(n=n)
    assert len(service.scan()) == 5 and service.scan() == []


def test_its_inputs_know_the_other_item_and_its_outputs(tmp_path: Path) -> None:
    inputs = '{n: "${{ item.n + 1 }}", total: "${{ outputs.total if other.state == \'done\' else 0 }}"}'
    shop, service = following(tmp_path, f"{{workflow: shop, inputs: {inputs}}}")
    shop.work(n=3)
    service.scan()
    assert queued(shop, "after") == [{"n": 4, "total": 6}]


def test_an_item_that_cannot_be_followed_is_told_once(tmp_path: Path) -> None:
    shop, service = following(tmp_path, '{workflow: shop, inputs: {n: "${{ item.label }}"}}')
    heard = told(shop)
    item = shop.work(n=1, label="many").item
    assert service.scan() == [] and service.scan() == []
    assert heard == [
        f"no item follows {item} of shop: item of after: n is 'many', expected a whole number; give them as --item name=value"
    ]


def test_a_paused_trigger_makes_nothing_and_catches_up_when_it_goes_on(tmp_path: Path) -> None:
    shop, service = following(tmp_path, "shop")
    with shop.database.write() as tx:
        registered.pause(tx, "after/after/shop", "stocktaking")
    shop.work(n=3)
    assert service.scan() == []
    with shop.database.write() as tx:
        registered.resume(tx, "after/after/shop", None)
    assert len(service.scan()) == 1


# -- rows -------------------------------------------------------------------------------------------------------------


def write(path: Path, *lines: list[object], head: int = 1) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for _ in range(head - 1):
        sheet.append(["Orders of the week"])
    for line in (["Order Number", "Day", "Status"], *lines):
        sheet.append(line)
    book.save(path)


def look(service: Scheduler) -> int:
    return len(service.scan()) + len(service.scan())


def test_every_new_row_of_a_workbook_becomes_an_item_by_its_columns(tmp_path: Path) -> None:
    shop = Shop(tmp_path, SHEET.replace("TRIGGER", "{file: orders.xlsx, key: Order Number, header_row: 2}"))
    service = scheduler(shop)
    assert look(service) == 0, "there is no such file yet"
    write(tmp_path / "orders.xlsx", [1, None, "new"], [2, None, "new"], head=2)
    assert look(service) == 2
    write(tmp_path / "orders.xlsx", [1, None, "done"], [2, None, "new"], [3, None, "new"], [3, None, "x"], head=2)
    assert look(service) == 1 and look(scheduler(shop)) == 0
    assert [row["order_number"] for row in queued(shop, "shop")] == [1, 2, 3]


def test_only_rows_with_these_values_and_inputs_from_the_row(tmp_path: Path) -> None:
    trigger = (
        """{file: orders.xlsx, where: {Status: New}, inputs: {n: "${{ row['Order Number'] * 10 + row_number }}"}}"""
    )
    shop = Shop(tmp_path, SHEET.replace("TRIGGER", trigger))
    service = scheduler(shop)
    write(tmp_path / "orders.xlsx", [1, None, "old"], [2, None, "new"], [2, None, "new"])
    assert look(service) == 2, "two rows that are the same in every cell are two rows"
    assert [row["n"] for row in queued(shop, "shop")] == [23, 24]


def test_lines_of_a_csv_file_and_a_line_that_cannot_be_an_item_is_taken_once_it_is_right(tmp_path: Path) -> None:
    shop = Shop(tmp_path, SHEET.replace("TRIGGER", "{file: orders.csv, key: order_number}"))
    heard = told(shop)
    service = scheduler(shop)
    file = tmp_path / "orders.csv"
    file.write_text("order_number;day;who\n1;2026-03-01;a\n2;31.02.2026;b\n\n")
    assert look(service) == 1
    assert heard == [
        "row 3 of orders.csv is not queued: item of shop: day is '31.02.2026', expected a date such as 2026-03-31; "
        "give them as --item name=value"
    ]
    file.write_text("order_number;day;who\n1;2026-03-01;a\n2;2026-03-02;b\n")
    assert look(service) == 1


def test_a_file_that_is_no_spreadsheet_and_a_column_that_is_not_there_are_told_once(tmp_path: Path) -> None:
    shop = Shop(tmp_path, SHEET.replace("TRIGGER", "{file: orders.xlsx, key: number}"))
    heard = told(shop)
    service = scheduler(shop)
    (tmp_path / "orders.xlsx").write_text("not a workbook")
    assert look(service) == 0 and look(service) == 0
    write(tmp_path / "orders.xlsx", [1, None, "new"])
    assert look(service) == 0
    file = tmp_path / "orders.xlsx"
    assert [text.partition("it changes: ")[0] for text in heard] == [
        f"{file} cannot be read; it is looked at again once "
    ] * 2
    assert "row 1 names no column 'number'; it has Day, Order Number, Status; correct the names under `key`" in heard[1]


def test_columns_as_inputs_are_called() -> None:
    assert [as_name(text) for text in ("Order Number", " Größe (cm) ", "total")] == [
        "order_number",
        "größe_cm",
        "total",
    ]
