"""The JSON Schema of workflow files, for editors: made from the models of the file and of every action."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from engine.action import Action
from engine.control_inputs import A_STEP, CONTROLS
from engine.steps import STEP_KEYS
from engine.trigger_file import SHORT_TRIGGERS, TRIGGERS
from engine.workflow_file import (
    EXPRESSION_SCHEMA,
    EffectOptions,
    Input,
    OnException,
    Queue,
    Retry,
    Review,
    WorkflowFile,
)

DIALECT = "https://json-schema.org/draft/2020-12/schema"
EXPRESSION = {"$ref": "#/$defs/expression"}
STEPS = {"type": "array", "items": {"$ref": "#/$defs/step"}, "minItems": 1}

Schema = dict[str, Any]


def workflow_schema(registry: Mapping[str, Action]) -> Schema:
    """JSON Schema (draft 2020-12) of a workflow file with these actions. Descriptions come from the models."""
    definitions = _Definitions()
    top = definitions.of(WorkflowFile, expressions=False, inline=True)
    properties = top["properties"]
    properties["inputs"] = _mapping_of(
        {"anyOf": [_types(), definitions.of(Input, expressions=False)]}, properties["inputs"]
    )
    properties["triggers"] = {**_told(properties["triggers"]), "type": "array", "items": _trigger(definitions)}
    properties["queue"] = _with(properties["queue"], definitions.of(Queue, expressions=False))
    properties["steps"] = {**_told(properties["steps"]), **STEPS}
    properties["verify"] = _mapping_of(STEPS, properties["verify"])
    properties["on_exception"] = _with(properties["on_exception"], definitions.of(OnException, expressions=False))
    definitions.named["step"] = _step(registry, definitions)
    definitions.named["expression"] = dict(EXPRESSION_SCHEMA)
    made: Schema = _resolved({**top, "$defs": dict(sorted(definitions.named.items()))})
    return {"$schema": DIALECT, "title": "Clerkwork workflow", **made}


def _resolved(schema: Any) -> Any:
    """The schema with its steps named."""
    if schema == A_STEP:
        return {"$ref": "#/$defs/step"}
    if isinstance(schema, dict):
        # pydantic's titles repeat the names in capitals; editors would show them instead of the descriptions.
        kept = {key: value for key, value in schema.items() if not (key == "title" and isinstance(value, str))}
        return {key: _resolved(value) for key, value in kept.items()}
    return [_resolved(value) for value in schema] if isinstance(schema, list) else schema


class _Definitions:
    """Collects `$defs`. Models of the same name from different modules keep apart."""

    def __init__(self) -> None:
        self.named: dict[str, Schema] = {}
        self._names: dict[tuple[type[BaseModel], bool], str] = {}

    def of(self, model: type[BaseModel], *, expressions: bool, inline: bool = False) -> Schema:
        """A reference to the model's schema; with `expressions`, every value inside may be one instead."""
        key = (model, expressions)
        if key in self._names and not inline:
            return {"$ref": f"#/$defs/{self._names[key]}"}
        prefix = f"{model.__module__}.{model.__qualname__}{'' if expressions else '.plain'}"
        made = model.model_json_schema(ref_template=f"#/$defs/{prefix}.{{model}}")
        for name, inner in made.pop("$defs", {}).items():
            self.named[f"{prefix}.{name}"] = _loosened(inner) if expressions else inner
        made = _loosened(made) if expressions else made
        made.pop("title", None)
        if inline:
            return made
        self._names[key] = prefix
        self.named[prefix] = made
        return {"$ref": f"#/$defs/{prefix}"}


def _loosened(schema: Schema) -> Schema:
    """The schema of a model where an expression may stand in place of every value."""
    changed = dict(schema)
    if "properties" in schema:
        changed["properties"] = {name: _or_expression(inner) for name, inner in schema["properties"].items()}
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            changed[key] = _or_expression(schema[key])
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            changed[key] = [_loosened(inner) for inner in schema[key]]
    return changed


def _or_expression(schema: Schema) -> Schema:
    if schema in (EXPRESSION, A_STEP) or _takes_any_text(schema):
        return schema
    told = _told(schema)
    kept = {key: value for key, value in _loosened(schema).items() if key not in told}
    return {**told, "anyOf": [kept, EXPRESSION]} if kept else schema


def _takes_any_text(schema: Schema) -> bool:
    return schema.get("type") == "string" and not schema.keys() & {"pattern", "enum", "format", "const", "maxLength"}


def _told(schema: Schema) -> Schema:
    """What an editor shows of a value, whatever its type."""
    return {key: schema[key] for key in ("description", "default", "examples") if key in schema}


def _with(place: Schema, schema: Schema) -> Schema:
    return (
        {**_told(place), **schema} if "$ref" not in schema else {"description": place.get("description", ""), **schema}
    )


def _mapping_of(schema: Schema, place: Schema) -> Schema:
    return {**_told(place), "type": "object", "additionalProperties": schema}


def _types() -> Schema:
    return {"enum": list(Input.model_json_schema()["properties"]["type"]["enum"])}


def _trigger(definitions: _Definitions) -> Schema:
    properties = {}
    for kind, model in TRIGGERS.items():
        full = definitions.of(model, expressions=False)
        short = {"at": ["string", "array"], "manual": ["string", "null"]}.get(kind, "string")
        schema = {"anyOf": [full, {"type": short}]} if kind in SHORT_TRIGGERS else full
        properties[kind] = {"description": _summary(model), **schema}
    return {
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    }


def _summary(model: type[BaseModel]) -> str:
    return (inspect.getdoc(model) or "").strip()


def _step(registry: Mapping[str, Action], definitions: _Definitions) -> Schema:
    """One action key, with that action's input, and any of the keys that every step may have."""
    actions: dict[str, Schema] = {}
    for name, action in sorted(registry.items()):
        schema = definitions.of(action.input, expressions=True)
        actions[name] = {"description": action.summary, **_or_nothing(action.input, schema)}
    for name, model in CONTROLS.items():
        if name != "review":
            actions[name] = {"description": _summary(model), **_control(name, definitions.of(model, expressions=True))}
    one_of: list[Schema] = [{"required": [name]} for name in actions]
    # `review` alone is a step of its own; beside an action it belongs to that.
    one_of.append({"required": ["review"], "not": {"anyOf": [{"required": [name]} for name in actions]}})
    return {
        "type": "object",
        "properties": {**_step_keys(definitions), **actions},
        "additionalProperties": False,
        "oneOf": one_of,
    }


def _or_nothing(model: type[BaseModel], schema: Schema) -> Schema:
    """An action without a required input may stand with nothing after its colon."""
    if any(field.is_required() for field in model.model_fields.values()):
        return schema
    return {"anyOf": [schema, {"type": "null"}]}


def _control(name: str, schema: Schema) -> Schema:
    return {"anyOf": [STEPS, schema]} if name == "group" else schema


def _step_keys(definitions: _Definitions) -> Schema:
    text: Schema = {"type": "string"}
    condition: Schema = {"anyOf": [{"type": "boolean"}, EXPRESSION]}
    names: Schema = {"anyOf": [text, {"type": "array", "items": text}]}
    review = [definitions.of(Review, expressions=False), definitions.of(CONTROLS["review"], expressions=True)]
    shapes: dict[str, Schema] = {
        "name": text,
        "as": {"type": "string", "pattern": r"^[^\W\d]\w*$"},
        "if": condition,
        "for_each": {"anyOf": [{"type": "array"}, EXPRESSION]},
        "each": {"type": "string", "pattern": r"^[^\W\d]\w*$"},
        "max_parallel": {"type": "integer", "minimum": 1},
        "retry": {"anyOf": [{"type": "integer", "minimum": 1}, definitions.of(Retry, expressions=False)]},
        "timeout": text,
        "review": {"anyOf": review},
        "effect": {"anyOf": [{"const": "none"}, definitions.of(EffectOptions, expressions=True)]},
        "on_error": {"anyOf": [{"const": "continue"}, STEPS]},
        "finally": STEPS,
        "secrets": names,
    }
    return {name: {"description": told, **shapes[name]} for name, told in STEP_KEYS.items()}
