"""A ledger that bots keep and people read: made, appended to, changed by key, read back."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from fakes.context import PlainContext

from bots.spreadsheet.actions import (
    Append,
    Appended,
    Find,
    Read,
    Upsert,
    Upserted,
    append,
    find,
    preview_append,
    preview_upsert,
    read,
    upsert,
)
from engine.action import REGISTRY, Effect
from engine.errors import BusinessException

INVOICE = {"number": "R-1", "vendor": "ACME", "total": Decimal("1190.00"), "due": date(2026, 3, 1), "lines": 3}


def add(context: PlainContext, key: str, **row: Any) -> Appended:
    context.key = key
    done: Appended = append(Append(file="ledger.xlsx", sheet=2026, row=row), context)
    return done


def put(context: PlainContext, **row: Any) -> Upserted:
    done: Upserted = upsert(Upsert(file="ledger.xlsx", sheet=2026, by="number", row=row), context)
    return done


def rows(context: PlainContext, **where: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = read(Read(file="ledger.xlsx", where=where), context).rows
    return found


def test_what_was_written_is_read_back_with_its_types(context: PlainContext) -> None:
    paid = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
    row = {**INVOICE, "paid": True, "at": paid, "rate": Decimal("0.075"), "note": None}
    add(context, "k", **row)
    (back,) = rows(context)
    assert back == row
    assert {name: type(value) for name, value in back.items()} == {name: type(value) for name, value in row.items()}


def test_a_new_file_is_made_for_people_to_look_at(context: PlainContext, tmp_path: Path) -> None:
    add(context, "k", **{**INVOICE, "vendor": "A vendor with a rather long name"})
    sheet = openpyxl.load_workbook(tmp_path / "ledger.xlsx")["2026"]
    assert [cell.font.bold for cell in sheet[1]] == [True] * 5
    assert sheet.freeze_panes == "A2"
    assert sheet["C2"].number_format == "#,##0.00"
    assert sheet["C2"].value == 1190
    assert sheet["D2"].number_format == "yyyy-mm-dd"
    assert sheet["D2"].value == datetime(2026, 3, 1)
    assert sheet.column_dimensions["B"].width > 30
    assert sheet.column_dimensions["A"].width == 10


def test_rows_go_below_the_last_one(context: PlainContext) -> None:
    assert add(context, "a", number="R-1") == Appended(row=2, count=1, repeated=False)
    assert add(context, "b", number="R-2") == Appended(row=3, count=1, repeated=False)
    assert [row["number"] for row in rows(context)] == ["R-1", "R-2"]


def test_the_same_key_never_appends_twice(context: PlainContext) -> None:
    add(context, "other", number="R-0")
    first = add(context, "same", number="R-1")
    assert add(context, "same", number="R-1") == first.model_copy(update={"repeated": True})
    assert len(rows(context)) == 2


def test_the_note_of_the_keys_is_in_no_menu(context: PlainContext, tmp_path: Path) -> None:
    add(context, "k", number="R-1")
    book = openpyxl.load_workbook(tmp_path / "ledger.xlsx")
    assert book["_clerkwork"].sheet_state == "veryHidden"
    assert book.active.title == "2026"
    assert read(Read(file="ledger.xlsx"), context).sheets == ["2026"]


def test_several_rows_are_appended_at_once(context: PlainContext) -> None:
    many = [{"number": f"R-{at}", "total": Decimal(at)} for at in range(1, 4)]
    assert append(Append(file="ledger.xlsx", sheet="2026", rows=many), context).count == 3
    assert rows(context) == many
    assert append(Append(file="ledger.xlsx", sheet="2026", rows=[]), context).row is None


def test_a_record_with_a_new_name_gets_a_new_column(context: PlainContext) -> None:
    add(context, "a", number="R-1")
    add(context, "b", Number="R-2", bill="4711")
    assert rows(context) == [{"number": "R-1", "bill": None}, {"number": "R-2", "bill": "4711"}]


def test_another_sheet_is_added_to_the_file(context: PlainContext, tmp_path: Path) -> None:
    add(context, "a", number="R-1")
    append(Append(file="ledger.xlsx", sheet="Notes & more", row={"text": "x"}), PlainContext(tmp_path, key="b"))
    assert read(Read(file="ledger.xlsx"), context).sheets == ["2026", "Notes & more"]
    assert read(Read(file="ledger.xlsx", sheet="notes & MORE"), context).rows == [{"text": "x"}]


def test_upsert_appends_changes_or_leaves(context: PlainContext) -> None:
    assert put(context, **INVOICE) == Upserted(row=2, changed=True, created=True)
    assert put(context, **INVOICE) == Upserted(row=2, changed=False, created=False)
    assert put(context, number="R-1", bill="4711", total=Decimal("1200.00")) == Upserted(
        row=2, changed=True, created=False
    )
    assert rows(context) == [{**INVOICE, "total": Decimal("1200.00"), "bill": "4711"}]


def test_an_upsert_that_changes_nothing_leaves_the_file_alone(context: PlainContext, tmp_path: Path) -> None:
    put(context, **INVOICE)
    before = (tmp_path / "ledger.xlsx").stat()
    put(context, **INVOICE)
    assert (tmp_path / "ledger.xlsx").stat().st_mtime_ns == before.st_mtime_ns


def test_a_key_that_a_person_typed_as_a_number_is_the_same_key(context: PlainContext, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Number", "Total"])
    book.active.append([4711, 10])
    book.save(tmp_path / "ledger.xlsx")
    done = upsert(Upsert(file="ledger.xlsx", sheet="Sheet", by="number", row={"number": "4711", "total": 12}), context)
    assert (done.row, done.created) == (2, False)
    again = upsert(Upsert(file="ledger.xlsx", sheet="Sheet", by="number", row={"number": "04711", "total": 1}), context)
    assert again.created


def test_upsert_by_two_columns(context: PlainContext) -> None:
    for vendor in ("ACME", "Bolt"):
        upsert(
            Upsert(file="ledger.xlsx", sheet=2026, by=["vendor", "number"], row={"vendor": vendor, "number": 1}),
            context,
        )
    assert len(rows(context)) == 2


def test_two_rows_with_one_key_are_for_a_person(context: PlainContext) -> None:
    add(context, "a", number="R-1")
    add(context, "b", number="R-1")
    with pytest.raises(BusinessException) as caught:
        put(context, number="R-1", total=1)
    assert str(caught.value) == "sheet 2026 of ledger.xlsx has 2 rows with number R-1: rows 2, 3; keep one of them"


def test_an_empty_key_is_refused(context: PlainContext) -> None:
    with pytest.raises(BusinessException, match="the value for number is empty, and it tells the row"):
        put(context, number=" ", total=1)


def test_rows_are_read_by_their_values(context: PlainContext) -> None:
    add(context, "a", number="R-1", vendor="ACME")
    add(context, "b", number="R-2", vendor="Bolt")
    assert [row["number"] for row in rows(context, vendor="Bolt")] == ["R-2"]
    found = find(Find(file="ledger.xlsx", where={"number": "R-2"}), context)
    assert (found.found, found.row, found.record["vendor"]) == (True, 3, "Bolt")
    assert find(Find(file="ledger.xlsx", where={"number": "R-3"}), context).found is False


def test_an_unknown_column_names_the_nearest(context: PlainContext) -> None:
    add(context, "a", number="R-1", vendor="ACME")
    with pytest.raises(BusinessException, match=r"has no column 'vendr'.*did you mean vendor"):
        rows(context, vendr="ACME")


def test_effects_are_known_to_the_engine() -> None:
    kinds = {name: REGISTRY[f"spreadsheet.{name}"].effect for name in ("read", "find", "append", "upsert", "write")}
    assert kinds == {
        "read": Effect.NONE,
        "find": Effect.NONE,
        "append": Effect.KEYED,
        "upsert": Effect.IDEMPOTENT,
        "write": Effect.IDEMPOTENT,
    }


def test_previews_show_what_would_change_and_write_nothing(context: PlainContext, tmp_path: Path) -> None:
    shown = preview_append(Append(file="ledger.xlsx", sheet=2026, row={"number": "R-1"}), context)
    assert shown.changes == {"number": (None, "R-1")}
    assert not (tmp_path / "ledger.xlsx").exists()
    put(context, **INVOICE)
    row = {"number": "R-1", "vendor": "ACME", "Total": 1, "bill": "4711"}
    shown = preview_upsert(Upsert(file="ledger.xlsx", sheet=2026, by="number", row=row), context)
    assert shown.target == "ledger.xlsx, sheet 2026, row 2"
    assert shown.changes == {"Total": (Decimal("1190.00"), 1), "bill": (None, "4711")}
    assert len(rows(context)) == 1


def test_ten_thousand_rows_are_appended_and_read_back(context: PlainContext) -> None:
    many = [{**INVOICE, "number": f"R-{at}"} for at in range(10_000)]
    append(Append(file="ledger.xlsx", sheet=2026, rows=many), context)
    add(context, "one more", **{**INVOICE, "number": "last"})
    back = rows(context)
    assert len(back) == 10_001
    assert back[9_999] == many[9_999]
    assert sum(row["total"] for row in back) == Decimal("1190.00") * 10_001
