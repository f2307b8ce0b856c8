"""The models of a workflow file. The check, the editor's schema and the reference are made from them.

`steps` and `verify` hold steps; `engine.steps` reads those, because what a step may hold depends on its action.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from engine.errors import UsageError
from engine.language import Span
from engine.rate import EXPECTED, Rate, read_rate
from engine.spans import EXAMPLES, parse_span
from engine.template import CLOSE, OPEN

WORKFLOW_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
INPUT_TYPES = ("text", "number", "integer", "money", "date", "datetime", "bool", "list", "mapping", "file")
EXPRESSION_SCHEMA: dict[str, Any] = {
    "type": "string",
    "pattern": r"\$\{\{",
    "description": "An expression, or text with expressions in it: ${{ name.field }}",
}
_STOP = re.compile(r"(\d{1,4})(\s+failures?)?(\s+in\s+a\s+row)?")


def is_expression(value: Any) -> bool:
    """Whether the value is one whole expression."""
    return isinstance(value, str) and value.strip().startswith(OPEN) and value.strip().endswith(CLOSE)


def has_expression(value: Any) -> bool:
    """Whether there is an expression anywhere in the value."""
    if isinstance(value, str):
        return OPEN in value
    if isinstance(value, Mapping):
        return any(has_expression(entry) for entry in value.values())
    return isinstance(value, list) and any(has_expression(entry) for entry in value)


def _span(text: Any) -> Any:
    if isinstance(text, Span):
        return text
    try:
        return parse_span(str(text))
    except UsageError:
        raise PydanticCustomError("span", EXAMPLES) from None


def _plain_span(text: Any) -> Any:
    span = _span(text)
    if span.business:
        raise PydanticCustomError("span", "a length of time that does not depend on a calendar, such as 30s or 5m")
    return span


_SPAN_SCHEMA = {"type": "string", "description": EXAMPLES, "examples": ["30s", "5m", "2 hours", "1 business day"]}
SpanText = Annotated[Any, BeforeValidator(_span), WithJsonSchema(_SPAN_SCHEMA)]
"""A length of time; the model holds the `Span`."""
PlainSpan = Annotated[Any, BeforeValidator(_plain_span), WithJsonSchema(_SPAN_SCHEMA)]


def _when(value: Any) -> Any:
    return value if is_expression(value) else _span(value)


When = Annotated[Any, BeforeValidator(_when), WithJsonSchema({"anyOf": [_SPAN_SCHEMA, EXPRESSION_SCHEMA]})]
"""A length of time from when the item is queued, or an expression that gives the date or time itself."""


def _workflow_id(text: str) -> str:
    if WORKFLOW_ID.fullmatch(text) is None:
        raise PydanticCustomError("workflow_id", "small letters, digits and hyphens, such as invoice-intake")
    return text


WorkflowId = Annotated[str, AfterValidator(_workflow_id)]


_TRUTH_SCHEMA = {"anyOf": [{"type": "boolean"}, EXPRESSION_SCHEMA]}


def _truth(value: Any) -> Any:
    if isinstance(value, bool) or is_expression(value):
        return value
    raise PydanticCustomError("condition", "true, false or one whole expression, such as ${{ total > 0 }}")


Truth = Annotated[Any, BeforeValidator(_truth), WithJsonSchema(_TRUTH_SCHEMA)]
"""A condition."""


def _key(text: str) -> str:
    if not has_expression(text):
        raise PydanticCustomError(
            "key",
            "an expression such as ${{ item.number }}; write one: with plain text every item is a repeat of the first",
        )
    return text


KeyText = Annotated[str, AfterValidator(_key), WithJsonSchema(EXPRESSION_SCHEMA)]
"""What tells one item from another. Plain text would make all of them repeats of the first, and queue none of them."""


def _stop_after(value: Any) -> Any:
    found = _STOP.fullmatch(str(value).strip())
    if isinstance(value, bool) or found is None or int(found.group(1)) < 1:
        raise PydanticCustomError("stop_after", "a number of failures, such as 5 failures in a row")
    return int(found.group(1))


StopAfter = Annotated[Any, BeforeValidator(_stop_after), WithJsonSchema({"type": ["string", "integer"]})]


def _rate(value: Any) -> Rate:
    found = read_rate(value)
    if found is None:
        raise PydanticCustomError("rate", EXPECTED)
    return found


RateText = Annotated[Any, BeforeValidator(_rate), WithJsonSchema({"type": "string"})]


def _priority(value: Any) -> Any:
    if value in ("low", "normal", "high") or is_expression(value):
        return value
    raise PydanticCustomError("priority", "low, normal, high or one whole expression")


Priority = Annotated[
    Any,
    BeforeValidator(_priority),
    WithJsonSchema({"anyOf": [{"enum": ["low", "normal", "high"]}, EXPRESSION_SCHEMA]}),
]


def one_or_many(value: Any) -> Any:
    """A single text stands for a list of it."""
    return [value] if isinstance(value, str) else value


Names = Annotated[
    list[str],
    BeforeValidator(one_or_many),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]


class Strict(BaseModel):
    """A mapping without unknown keys."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class Input(Strict):
    """What a work item carries under one name."""

    type: Literal["text", "number", "integer", "money", "date", "datetime", "bool", "list", "mapping", "file"] = Field(
        description="what kind of value it is"
    )
    description: str = Field("", description="what it is, for the person who gives it")
    required: bool = Field(True, description="whether every item must have it")
    default: Any = Field(None, description="the value of items that do not give it")
    choices: list[Any] | None = Field(None, min_length=1, description="the only values it may have")
    min: Any = Field(None, description="the least it may be: a number, an amount or a date")
    max: Any = Field(None, description="the most it may be: a number, an amount or a date")
    pattern: str | None = Field(None, description="what a text must be like, as a regular expression: [A-Z]{2}[0-9]+")


class Retry(Strict):
    """How often and when an application exception is tried again."""

    attempts: int = Field(3, ge=1, le=100, description="how often in all, the first time counted")
    wait: PlainSpan = Field("1s", description="before the second attempt")
    factor: float = Field(2.0, ge=1, le=100, description="by what each further wait is longer")
    jitter: bool = Field(True, description="vary each wait a little, so that many items do not come back at once")
    on: Names | None = Field(
        None, min_length=1, description="only exceptions with one of these codes: [ERP_UNREACHABLE]"
    )
    never: Names = Field([], description="exceptions with one of these codes are not tried again")


class Queue(Strict):
    """How the work items of this workflow are queued and worked."""

    key: KeyText | None = Field(None, description="what makes an item unique; the same key is never queued twice")
    again_after: PlainSpan | None = Field(
        None, description="a key may come again so long after it was queued, once its item is closed; without: never"
    )
    due: When | None = Field(None, description="by when an item should be done: a length of time, or its date or time")
    not_before: When | None = Field(
        None, description="an item is not begun earlier: a length of time, or a date or time"
    )
    priority: Priority = Field("normal", description="low, normal or high")
    concurrency: int | None = Field(None, ge=1, description="how many items are worked at the same time")
    rate: RateText | None = Field(None, description="how often an item may begin, such as 30 per minute")
    needs: Names = Field([], description="what a worker must be able to do, such as browser or region=eu")
    retry: Retry | None = Field(None, description="for application exceptions; business exceptions are never retried")
    stop_after: StopAfter | None = Field(None, description="pause the queue after so many failures in a row")
    keep: PlainSpan | None = Field(
        None, description="so long after an item is closed, what it held is forgotten; its keys and outcomes stay"
    )
    quarantine_after: int = Field(
        3, ge=1, le=100, description="an item at whose work so many workers died is not begun again: a person decides"
    )


class Review(Strict):
    """When a person looks at the result before the item goes on."""

    when: Annotated[Any, WithJsonSchema(_TRUTH_SCHEMA)] = Field(description="a condition on the result")
    assign: str | None = Field(None, description="the person or team that looks")


class EffectOptions(Strict):
    """What makes the effect of a step unique, and how it is looked up after a crash."""

    key: str | None = Field(None, description="the world's own key: an invoice number, an order number")
    verify: str | None = Field(None, description="the section under `verify` that looks the effect up")


class OnException(Strict):
    """Who takes care of items that stop."""

    assign: str | None = Field(None, description="the person or team that decides")
    notify: Names = Field([], description="connections that are told: a chat channel, a mailbox")
    due: SpanText | None = Field(None, description="by when a decision is expected")


class WorkflowFile(Strict):
    """A workflow: what an item carries, where items come from, and the steps that each goes through."""

    workflow: WorkflowId = Field(description="its id: small letters, digits and hyphens; unique in the project")
    title: str | None = Field(None, description="what people call it")
    owner: str | None = Field(None, description="the team that answers for it")
    inputs: dict[str, Any] = Field({}, description="what a work item carries")
    triggers: list[Any] = Field([], description="where work items come from")
    queue: Any = Field(None, description="how they are queued and worked")
    steps: Any = Field(description="what is done with each item, in order")
    verify: dict[str, Any] = Field({}, description="how an effect of unknown outcome is looked up")
    on_exception: Any = Field(None, description="who takes care of items that stop")
    outputs: dict[str, Any] = Field({}, description="what a finished item gives")
