"""Text stays text: what comes from an invoice never becomes a formula, and what XML forbids survives."""

from __future__ import annotations

import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from fakes.context import PlainContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bots.spreadsheet.actions import Append, Read, Write, append, read, write
from engine.errors import BusinessException


def kept(context: PlainContext, value: Any) -> Any:
    append(Append(file="text.xlsx", sheet="S", row={"name": "x", "value": value}), context)
    return read(Read(file="text.xlsx"), context).rows[-1]["value"]


@pytest.mark.parametrize(
    "text",
    [
        '=HYPERLINK("http://evil","x")',
        "+1-2",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\0=1",
        "\r=1",
        "0049 30 1234",
        "1e5",
        "TRUE",
        "<b>&amp;</b>",
        "  two  spaces ",
        "line\nbreak",
        "_x0041_",
        "bell \x07 and 💶",
    ],
)
def test_attack_22_formula_injection_text_comes_back_as_it_went_in_and_is_no_formula(
    text: str, context: PlainContext, tmp_path: Path
) -> None:
    assert kept(context, text) == text
    cell = openpyxl.load_workbook(tmp_path / "text.xlsx")["S"]["B2"]
    assert cell.data_type == "s"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_attack_22_formula_injection_text_that_would_become_a_formula_when_edited_is_marked_as_text(
    text: str, context: PlainContext, tmp_path: Path
) -> None:
    kept(context, text)
    write(Write(file="text.xlsx", sheet="S", cells={"D1": text}), context)
    sheet = openpyxl.load_workbook(tmp_path / "text.xlsx")["S"]
    assert sheet["B2"].quotePrefix
    assert sheet["D1"].quotePrefix
    assert not sheet["A2"].quotePrefix


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_any_text_survives(context: PlainContext, text: str) -> None:
    context.key = ""
    assert (kept(context, text) or "") == text


def test_a_number_keeps_every_digit_or_is_refused(context: PlainContext) -> None:
    assert kept(context, Decimal("999999999999.99")) == Decimal("999999999999.99")
    context.key = "2"
    assert kept(context, 12345678901234567890) == "12345678901234567890"
    with pytest.raises(BusinessException) as caught:
        kept(context, Decimal("12345678901234.5678"))
    assert str(caught.value).startswith(
        "the number 12345678901234.5678 for value has more than 15 digits, and a spreadsheet would change it; round it"
    )


def test_a_list_is_no_value_of_a_cell(context: PlainContext) -> None:
    with pytest.raises(BusinessException) as caught:
        kept(context, [1, 2])
    assert str(caught.value) == (
        "the value for value is a list; a cell holds one text, number, date, or yes or no; "
        "name the part of it that is meant, as in invoice.total"
    )


def test_a_text_that_is_too_long_is_refused(context: PlainContext) -> None:
    with pytest.raises(BusinessException, match="the text for value has 40000 characters; a cell holds 32767"):
        kept(context, "x" * 40_000)


@pytest.mark.parametrize("name", ["", "a" * 32, "Q1/Q2", "[x]", "'quoted'"])
def test_a_sheet_must_have_a_name_that_excel_takes(name: str, context: PlainContext) -> None:
    with pytest.raises(BusinessException, match=r"cannot be the name of a sheet; use up to 31 characters"):
        append(Append(file="new.xlsx", sheet=name, row={"a": 1}), context)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "it is empty"),
        (b"Number;Total\n1;2\n", "it is no .xlsx file"),
        (b"\xd0\xcf\x11\xe0rest", r"it is protected with a password, or in the format of before 2007 \(.xls\)"),
    ],
)
def test_what_is_no_spreadsheet_is_said_to_be_none(
    content: bytes, says: str, context: PlainContext, tmp_path: Path
) -> None:
    (tmp_path / "bad.xlsx").write_bytes(content)
    for attempt in (
        lambda: read(Read(file="bad.xlsx"), context),
        lambda: append(Append(file="bad.xlsx", sheet="S", row={"a": 1}), context),
    ):
        with pytest.raises(BusinessException, match=f"bad.xlsx cannot be read as a spreadsheet: {says}"):
            attempt()
    assert (tmp_path / "bad.xlsx").read_bytes() == content


def test_a_damaged_spreadsheet_is_refused_and_left_alone(context: PlainContext, tmp_path: Path) -> None:
    kept(context, 1)
    path = tmp_path / "text.xlsx"
    with zipfile.ZipFile(path) as file:
        held = {name: file.read(name) for name in file.namelist()}
    held["xl/worksheets/sheet1.xml"] = held["xl/worksheets/sheet1.xml"][:-30]
    with zipfile.ZipFile(path, "w") as file:
        for name, content in held.items():
            file.writestr(name, content)
    before = path.read_bytes()
    context.key = "again"
    with pytest.raises(BusinessException, match=r"its part xl/worksheets/sheet1.xml is damaged"):
        append(Append(file="text.xlsx", sheet="S", row={"a": 1}), context)
    with pytest.raises(BusinessException, match=r"text.xlsx cannot be read as a spreadsheet: it is damaged"):
        read(Read(file="text.xlsx"), context)
    assert path.read_bytes() == before


def test_an_xml_bomb_is_refused(context: PlainContext, tmp_path: Path) -> None:
    kept(context, 1)
    with zipfile.ZipFile(tmp_path / "text.xlsx") as file:
        held = {name: file.read(name) for name in file.namelist()}
    held["xl/worksheets/sheet1.xml"] = b'<!DOCTYPE x [<!ENTITY a "aa">]>' + held["xl/worksheets/sheet1.xml"]
    with zipfile.ZipFile(tmp_path / "text.xlsx", "w") as file:
        for name, content in held.items():
            file.writestr(name, content)
    context.key = "again"
    with pytest.raises(BusinessException, match="text.xlsx cannot be read as a spreadsheet: it is damaged"):
        append(Append(file="text.xlsx", sheet="S", row={"a": 1}), context)


def test_a_file_that_is_missing_or_of_another_kind_is_named(context: PlainContext) -> None:
    with pytest.raises(BusinessException, match=r"there is no spreadsheet none.xlsx; check the path"):
        read(Read(file="none.xlsx"), context)
    with pytest.raises(BusinessException, match=r"ledger.csv is no .xlsx file; name a file that ends in .xlsx"):
        append(Append(file="ledger.csv", sheet="S", row={"a": 1}), context)
    kept(context, 1)
    with pytest.raises(BusinessException, match=r"text.xlsx has no sheet 'T'; it has: S"):
        read(Read(file="text.xlsx", sheet="T"), context)
