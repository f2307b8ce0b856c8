"""`document.read` as a step: what later steps see, what a person corrects, what stops the item."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from bots.documents.actions import ReadDocument, correct_result, read
from bots.documents.schemas import SCHEMAS
from engine.action import REGISTRY
from engine.context import File
from engine.errors import BusinessException
from tests.documents.paper import ENGLISH, draw
from tests.fakes.context import PlainContext


def read_step(tmp_path: Path, fields: Any = "invoice", **changes: str) -> dict[str, Any]:
    path = draw(tmp_path / "a.pdf", ENGLISH, **changes)
    step = ReadDocument(file=File(path=str(path), name="a.pdf"), fields=fields)
    with PlainContext(tmp_path) as context:
        return dict(read(step, context).model_dump(mode="python"))


def test_later_steps_see_nested_values_of_their_own_types(tmp_path: Path) -> None:
    result = read_step(tmp_path)
    assert result["file"] == "a.pdf"
    assert result["seller"]["name"] == "Northwind Paper Ltd"
    assert result["issue_date"] == date(2026, 3, 14)
    assert result["total"] == Decimal("372.00")
    assert result["buyer"]["tax_id"] is None
    assert result["fields"]["total"]["source"] == "text"
    assert result["confidence"] >= Decimal("0.9")


def test_the_shape_tells_check_the_names(tmp_path: Path) -> None:
    action = REGISTRY["document.read"]
    shape = action.shape_of({"file": "x", "fields": "invoice"})
    assert shape is not None
    assert set(read_step(tmp_path)) == set(shape)
    assert shape["seller"] == {"name": None, "tax_id": None, "iban": None}
    own = action.shape_of({"fields": {"po_number": {"labels": ["PO"]}}})
    assert own is not None
    assert "po_number" in own
    assert "total" not in own


def test_the_pages_are_kept_as_pictures(tmp_path: Path) -> None:
    path = draw(tmp_path / "a.pdf", ENGLISH)
    with PlainContext(tmp_path) as context:
        result = read(ReadDocument(file="a.pdf"), context)
        (image,) = result.page_images
        assert context.artifacts[image.artifact].read_bytes().startswith(b"\x89PNG")
    assert path.exists()
    assert (image.page, image.width, image.height) == (1, Decimal("595.3"), Decimal("841.9"))


def test_a_correction_is_sure_and_settles_its_problem(tmp_path: Path) -> None:
    result = read_step(tmp_path, total="Total due|£392.00")
    assert [problem["code"] for problem in result["problems"]] == ["TOTALS_DISAGREE"]
    before = dict(result)
    corrected = correct_result(result, {"total": "372,00"})
    assert result == before
    assert corrected["total"] == Decimal("372.00")
    assert corrected["fields"]["total"]["source"] == "person"
    assert corrected["fields"]["total"]["confidence"] == 1
    assert corrected["problems"] == []
    assert corrected["confidence"] >= Decimal("0.9")


def test_a_correction_is_checked_like_a_reading(tmp_path: Path) -> None:
    corrected = correct_result(read_step(tmp_path), {"total": "380.00", "seller.name": "Northwind"})
    assert corrected["seller"]["name"] == "Northwind"
    assert [problem["code"] for problem in corrected["problems"]] == ["TOTALS_DISAGREE"]


@pytest.mark.parametrize(
    ("field", "text", "message"),
    [
        ("total", "lots", "'lots' is no total; expected an amount such as 1234.56; enter the value again"),
        ("issue_date", "03/04/2026", "'03/04/2026' is no issue date; expected a date such as 2026-03-31; enter the value again"),
        ("seller.iban", "GB29", "'GB29' is no seller iban; expected an IBAN whose checksum holds, such as DE89370400440532013000; enter the value again"),
        ("currency", "Euros", "'Euros' is no currency; expected a currency code such as EUR; enter the value again"),
    ],
)  # fmt: skip
def test_a_bad_correction_says_what_was_expected(tmp_path: Path, field: str, text: str, message: str) -> None:
    with pytest.raises(BusinessException) as caught:
        correct_result(read_step(tmp_path), {field: text})
    assert caught.value.code == "BAD_VALUE"
    assert str(caught.value) == message


def test_a_correction_of_an_unknown_field_lists_the_fields(tmp_path: Path) -> None:
    with pytest.raises(BusinessException, match="The document has no field 'totl'; its fields are number, issue_date"):
        correct_result(read_step(tmp_path), {"totl": "1"})


def test_a_file_that_cannot_be_read_goes_to_a_person(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_text("Dear Sir, please find attached")
    with PlainContext(tmp_path) as context, pytest.raises(BusinessException) as caught:
        read(ReadDocument(file="a.pdf"), context)
    assert caught.value.code == "NOT_A_PDF"
    assert str(caught.value) == "a.pdf is named .pdf but is not a PDF; ask the sender for the right file"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            "invoise",
            f"fields 'invoise' is not known; expected {', '.join(SCHEMAS)}, or a mapping of your own fields",
        ),
        ({"po": {"type": "txt"}}, "field po has the type 'txt'; expected one of text, number, date"),
        ({"po": {"label": ["PO"]}}, "field po has the unknown key 'label'; expected type, labels, pattern, required"),
        ({"po": {"pattern": "PO-("}}, "field po has the pattern 'PO-\\('"),
        ({"lines": "text"}, "field name 'lines' cannot be used"),
        ({}, "fields names no field; expected at least one"),
    ],
)
def test_wrong_fields_are_refused_when_the_workflow_is_checked(fields: Any, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        ReadDocument(file="a.pdf", fields=fields)
