"""`@action`: one record of what a step can name, from which every other product is made.

The input model checks the YAML, completes it in the editor, renders the reference and the console's form; the
output model says what later steps may refer to; the effect kind says whether a crash may repeat it.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias

from pydantic import BaseModel

from engine.context import Context
from engine.errors import UsageError

if TYPE_CHECKING:
    from engine.lessons import Lesson
    from engine.memory import Memory

Shape: TypeAlias = "Mapping[str, Shape] | None"
"""The names a result offers to later steps: nested mappings; `None` means anything may follow."""


class Effect(StrEnum):
    """What repeating an action does to the world outside."""

    NONE = "none"  # reads only; may be repeated, runs in a dry run
    IDEMPOTENT = "idempotent"  # repeating leaves the same state (upsert by key, overwrite)
    KEYED = "keyed"  # the target system refuses a second one with the same idempotency key
    SEARCHABLE = "searchable"  # `verify` looks it up in the target system
    MANUAL = "manual"  # none of these: after a crash a person is asked, unless the step names a `verify`


@dataclass(frozen=True, slots=True)
class Done:
    """A look-up found the effect; `result` is the action's output as if it had just run (or None)."""

    result: BaseModel | Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class NotDone:
    """A look-up is certain that the effect did not happen."""


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A look-up cannot tell; a person decides. `reason` is shown to that person."""

    reason: str


Settlement: TypeAlias = Done | NotDone | Unsettled


@dataclass(frozen=True, slots=True)
class Preview:
    """What an effect would change, for the dry run: field -> (before, after). `target` names the record or file.

    `result` is what is known of the effect's result without doing it; stand-ins are made for the rest.
    """

    target: str
    changes: Mapping[str, tuple[Any, Any]]
    result: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Action:
    """A registered action. `function(input, context)` returns an `output` instance (or None)."""

    name: str
    function: Callable[[Any, Context], Any]
    input: type[BaseModel]
    output: type[BaseModel] | None
    effect: Effect | Callable[[Mapping[str, Any]], Effect]
    verify: Callable[[Any, Context], Settlement] | None
    preview: Callable[[Any, Context], Preview] | None
    correct: Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]] | None
    shape: Callable[[Mapping[str, Any]], Shape] | None
    learn: Callable[[Lesson, Memory], str] | None = None

    def effect_of(self, raw: Mapping[str, Any]) -> Effect:
        """The effect kind for this raw YAML input (before expressions are evaluated)."""
        return self.effect(raw) if callable(self.effect) else self.effect

    def shape_of(self, raw: Mapping[str, Any]) -> Shape:
        """The names a later step may use, for this raw YAML input."""
        if self.shape is not None:
            return self.shape(raw)
        return model_shape(self.output) if self.output is not None else {}

    @property
    def summary(self) -> str:
        return inspect.getdoc(self.function) or ""


REGISTRY: dict[str, Action] = {}


def action(
    name: str,
    *,
    effect: Effect | Callable[[Mapping[str, Any]], Effect] = Effect.NONE,
    verify: Callable[[Any, Context], Settlement] | None = None,
    preview: Callable[[Any, Context], Preview] | None = None,
    correct: Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]] | None = None,
    shape: Callable[[Mapping[str, Any]], Shape] | None = None,
    learn: Callable[[Lesson, Memory], str] | None = None,
) -> Callable[[Callable[[Any, Context], Any]], Callable[[Any, Context], Any]]:
    """Register `function(input: Model, context: Context) -> Output` under `name`.

    `verify(input, context)` settles an effect of unknown outcome. `preview(input, context)` reads what an
    effect would change. `correct(result, corrections)` applies a person's `{field: value}` to a journalled
    result and checks its rules again. `shape(raw_input)` overrides the output model where the result's names
    depend on the input. `learn(lesson, memory)` keeps what a decision or the end of an item says about a result, and
    returns what a person is told of it; it runs in the transaction of the decision, so it must be quick.
    """

    def register(function: Callable[[Any, Context], Any]) -> Callable[[Any, Context], Any]:
        hints = typing.get_type_hints(function)
        output = hints.get("return")
        parameters = list(inspect.signature(function).parameters)
        record = Action(
            name=name,
            function=function,
            input=hints[parameters[0]],
            output=output if isinstance(output, type) and issubclass(output, BaseModel) else None,
            effect=effect,
            verify=verify,
            preview=preview,
            correct=correct,
            shape=shape,
            learn=learn,
        )
        if name in REGISTRY and REGISTRY[name].function.__qualname__ != function.__qualname__:
            raise UsageError(f"action {name} is registered twice", advice="rename one of them")
        REGISTRY[name] = record
        return function

    return register


def model_shape(model: type[BaseModel]) -> Shape:
    """The names of a model, nested where a field is itself a model."""
    return {
        name: model_shape(field.annotation)
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
        else None
        for name, field in model.model_fields.items()
    }
