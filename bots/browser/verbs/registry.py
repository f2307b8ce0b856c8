"""`@verb`: one record of what a line under `do:` can name. Schema, check, reference and run are made from it."""

from __future__ import annotations

import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

if TYPE_CHECKING:
    from bots.browser.session import Session

Read: TypeAlias = dict[str, Any] | None
"""What a verb adds to the result of its step."""


class VerbInput(BaseModel):
    """The arguments of a verb. `short` names the one that stands alone: `click: Save` is `click: {target: Save}`."""

    model_config = ConfigDict(extra="forbid")

    short: ClassVar[str | None] = None

    @model_validator(mode="before")
    @classmethod
    def _from_short(cls, given: Any) -> Any:
        if cls.short is not None and not isinstance(given, Mapping | BaseModel):
            return {cls.short: given}
        return {} if given is None else given

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        full = handler(core)
        if cls.short is None:
            return full
        resolved = handler.resolve_ref_schema(full)
        return {"anyOf": [resolved["properties"][cls.short], full]}


@dataclass(frozen=True, slots=True)
class Verb:
    """`reads`: it changes nothing outside, so it may be repeated and runs in a dry run. `sends`: after it nobody
    can say for certain that nothing left. `names(raw)` gives the names that this verb adds to the result.
    """

    name: str
    input: type[BaseModel]
    function: Callable[[Any, Session], Read]
    reads: bool
    sends: bool
    names: Callable[[Any], list[str]] | None

    @property
    def summary(self) -> str:
        return (self.function.__doc__ or "").strip()


VERBS: dict[str, Verb] = {}


def verb(
    name: str,
    *,
    reads: bool = False,
    sends: bool = False,
    names: Callable[[Any], list[str]] | None = None,
) -> Callable[[Callable[[Any, Session], Read]], Callable[[Any, Session], Read]]:
    """Register `function(input: Model, session: Session) -> names read, or None` under `name`."""

    def register(function: Callable[[Any, Session], Read]) -> Callable[[Any, Session], Read]:
        model = _input_of(function)
        VERBS[name] = Verb(name, model, function, reads, sends, names)
        return function

    return register


def _input_of(function: Callable[..., Any]) -> type[BaseModel]:
    """The annotation of the first parameter. `Session` is known to type checkers only, so it stands in as Any."""
    hints = typing.get_type_hints(function, localns={"Session": Any})
    model = hints["input"]
    assert isinstance(model, type) and issubclass(model, BaseModel)
    return model
