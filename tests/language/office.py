"""A few actions of an imagined office, enough to write workflows against."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from engine.action import Action, Effect, Shape


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Nothing(BaseModel):
    pass


class ReadDocument(Strict):
    file: Any = Field(description="the file")
    fields: str = Field(description="the names of the fields")


class Find(Strict):
    connection: str = Field(description="the system")
    vendor: str = Field(description="the vendor's name")
    number: str = Field(description="the number on the invoice")


class Found(BaseModel):
    found: bool
    id: str | None = None


class CreateBill(Strict):
    connection: str = Field(description="the system")
    bill: Any = Field(description="the invoice as it was read")
    attach: Any = Field(None, description="a file")


class Bill(BaseModel):
    id: str
    state: str


class Browse(Strict):
    connection: str = Field(description="the page")
    do: list[dict[str, Any]] = Field(description="what is done there")


class Upsert(Strict):
    file: str = Field(description="the workbook")
    sheet: Any = Field(description="the sheet")
    by: str = Field(description="the column that makes a row unique")
    row: dict[str, Any] = Field(description="the row")


class Line(Strict):
    text: str = Field(description="what was sold")
    amount: Decimal = Field(description="its price")


class Order(Strict):
    number: int = Field(description="the order's number", ge=1)
    on: date | None = Field(None, description="its date")
    speed: Literal["slow", "fast"] = Field("slow", description="how fast it comes")
    urgent: bool = Field(False, description="whether it cannot wait")
    lines: list[Line] = Field([], description="its lines")
    target: str | Line | None = Field(None, description="a name or a line")


class Parcel(Strict):
    weight: int = Field(1, description="in grams")
    size: str = Field("small", description="small or large")
    colour: str = Field("red", description="any but blue")

    @field_validator("weight")
    @classmethod
    def _light(cls, weight: int) -> int:
        if weight > 1000:
            raise ValueError("at most 1000 grams")
        return weight

    @field_validator("size")
    @classmethod
    def _known(cls, size: str) -> str:
        if size not in ("small", "large"):
            raise ValueError(f"there is no size {size}; expected small or large; did you mean large?")
        return size

    @field_validator("colour")
    @classmethod
    def _not_blue(cls, colour: str) -> str:
        if colour == "blue":
            raise ValueError("any colour but blue; take red")
        return colour


def _verbs(raw: Mapping[str, Any]) -> list[Any]:
    lines = raw.get("do")
    return [line for line in lines if isinstance(line, Mapping)] if isinstance(lines, list) else []


def _browser_effect(raw: Mapping[str, Any]) -> Effect:
    verbs = {name for line in _verbs(raw) for name in line}
    return Effect.NONE if verbs <= {"open", "see", "read", "count", "url", "table"} else Effect.MANUAL


def _browser_shape(raw: Mapping[str, Any]) -> Shape:
    named = [line[verb] for line in _verbs(raw) for verb in ("read", "count") if verb in line]
    return {name: None for names in named if isinstance(names, Mapping) for name in names}


def _invoice_shape(raw: Mapping[str, Any]) -> Shape:
    party: Shape = {"name": None, "tax_id": None}
    return {"number": None, "total": None, "confidence": None, "problems": None, "seller": party}


def _action(name: str, model: type[BaseModel], output: type[BaseModel] | None, **kwargs: Any) -> Action:
    given = {"effect": Effect.NONE, "verify": None, "preview": None, "correct": None, "shape": None} | kwargs

    def function(input: BaseModel, context: Any) -> None:
        """What the action does."""

    return Action(name=name, function=function, input=model, output=output, **given)


OFFICE: dict[str, Action] = {
    action.name: action
    for action in (
        _action("document.read", ReadDocument, None, shape=_invoice_shape),
        _action("erp.find_bill", Find, Found),
        _action("erp.create_bill", CreateBill, Bill, effect=Effect.SEARCHABLE),
        _action("browser", Browse, None, effect=_browser_effect, shape=_browser_shape),
        _action("spreadsheet.upsert", Upsert, Nothing, effect=Effect.IDEMPOTENT),
        _action("shop.order", Order, None, effect=Effect.MANUAL),
        _action("shop.ping", Nothing, None),
        _action("shop.parcel", Parcel, None),
    )
}
