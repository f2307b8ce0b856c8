"""What the control actions take: the steps of the engine itself, without any bot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field, RootModel, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from engine.workflow_file import Names, SpanText, Strict, Truth


def _code(text: str) -> str:
    if not text.replace("_", "").isalnum() or text != text.upper() or text[0].isdigit():
        raise PydanticCustomError("code", "a code in capitals, such as DUPLICATE_INVOICE")
    return text


A_STEP = {"$comment": "step"}
"""Stands in a model's schema for a step; the schema of the whole file knows what that is."""
Steps = Annotated[list[Any], WithJsonSchema({"type": "array", "items": A_STEP, "minItems": 1})]


class Set(RootModel[dict[str, Any]]):
    """Bind names to values, for the steps after this one."""


class Fail(Strict):
    """Stop the item with a business exception; a person decides."""

    code: Annotated[str, AfterValidator(_code)] = Field(description="what it is, in capitals: DUPLICATE_INVOICE")
    message: str = Field(description="what the person reads")


class Approve(Strict):
    """Wait until a person says yes. What is shown is what the yes is bound to."""

    model_config = ConfigDict(extra="forbid", populate_by_name=False)

    by: str | None = Field(None, description="the person or team that approves")
    not_: str | None = Field(None, alias="not", description="who may not: `corrector`, or a person")
    within: SpanText | None = Field(None, description="how soon")
    show: Names = Field([], description="the names of the values that are shown: invoice.total")
    message: str | None = Field(None, description="what the person reads")


class ReviewStep(Strict):
    """Wait until a person has looked."""

    when: Truth = Field(True, description="only then; always if left out")
    assign: str | None = Field(None, description="the person or team that looks")
    show: Names = Field([], description="the names of the values that are shown: invoice.total")
    message: str | None = Field(None, description="what the person reads")


class Call(Strict):
    """Run the steps of another workflow; its outputs are the result."""

    workflow: str = Field(description="the id of the other workflow")
    inputs: dict[str, Any] = Field({}, description="its inputs")


class QueueAdd(Strict):
    """Queue items for another workflow, all of them or none, each key once."""

    workflow: str = Field(description="the id of the other workflow")
    items: list[dict[str, Any]] = Field(description="the inputs of each item")


class Wait(Strict):
    """Put the item off until a time has passed or come, a file is there, or another item is done."""

    for_: SpanText | None = Field(None, alias="for", description="how long")
    until: str | None = Field(None, description="a date or time: 2026-03-31T17:00")
    file: str | None = Field(None, description="the path of a file")
    item: str | None = Field(None, description="the id of another item")

    @model_validator(mode="before")
    @classmethod
    def _one(cls, given: Any) -> Any:
        if isinstance(given, Mapping) and not given.keys() - {"for", "until", "file", "item"} and len(given) != 1:
            raise PydanticCustomError("one", "exactly one of for, until, file, item")
        return given


class Group(Strict):
    """Steps that stand or fall together."""

    steps: Steps = Field(description="the steps")
    finally_: Steps | None = Field(None, alias="finally", description="steps that run at the end in any case")


class Parallel(RootModel[Steps]):
    """Steps that do not depend on each other."""


class Settle(Strict):
    """End a look-up: say whether the effect was done. Only under `verify`."""

    done: Truth = Field(description="it was certainly done")
    not_done: Truth = Field(description="it was certainly not done")
    result: Any = Field(None, description="the result of the step, if it was done")


CONTROLS: Mapping[str, type[Strict] | type[RootModel[Any]]] = {
    "set": Set,
    "fail": Fail,
    "approve": Approve,
    "review": ReviewStep,
    "call": Call,
    "queue.add": QueueAdd,
    "wait": Wait,
    "group": Group,
    "parallel": Parallel,
    "settle": Settle,
}
