"""The JSON Schema says of a file what the check says, as far as a schema can."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from language.office import OFFICE

from engine.codec import readable
from engine.schema import workflow_schema
from engine.yaml_source import parse_yaml

INVOICES = Path(__file__).with_name("invoice_intake.yaml")
SCHEMA = workflow_schema(OFFICE)
VALIDATOR = Draft202012Validator(SCHEMA)


def fits(text: str) -> bool:
    value: Any = readable(dict(parse_yaml(text, "w.yaml").value))
    return VALIDATOR.is_valid(value)


def test_it_is_a_schema_of_its_dialect() -> None:
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(SCHEMA)


def test_the_workflow_of_the_contract_fits() -> None:
    assert fits(INVOICES.read_text())


def step(text: str) -> str:
    return f"workflow: w\nsteps:\n  - {text}\n"


@pytest.mark.parametrize(
    "text",
    [
        step("shop.ping:"),
        step("shop.order: {number: 1}"),
        step(
            "shop.order: {number: '${{ item.n }}', urgent: '${{ item.n }}', lines: '${{ item.n }}', speed: '${{ s }}'}"
        ),
        step("shop.order: {number: 1, lines: [{text: a, amount: '${{ item.n }}'}]}"),
        step("{if: '${{ a }}', set: {a: 1}, as: b, name: c}"),
        step("{if: true, fail: {code: A, message: b}}"),
        step("group: [{shop.ping: }]"),
        step("{group: {steps: [{shop.ping: }], finally: [{shop.ping: }]}, on_error: continue}"),
        step("parallel: [{shop.ping: }]"),
        step("{review: {assign: a}, name: b}"),
        step("{shop.ping: , review: {when: '${{ a }}'}}"),
        step("{shop.order: {number: 1}, effect: none}"),
        step("{shop.order: {number: 1}, effect: {key: '${{ a }}'}, retry: 3, timeout: 5m, secrets: [a]}"),
        step("wait: {for: 5m}"),
        step("approve: {by: a, not: corrector, show: [item.a]}"),
        "workflow: w\ninputs: {a: money, b: {type: text}}\ntriggers: [{every: 5m}, {folder: inbox}]\nsteps: [{shop.ping: }]\n",
        "workflow: w\nqueue: {priority: '${{ a }}', stop_after: 5 failures in a row}\nsteps: [{shop.ping: }]\n",
    ],
)
def test_what_is_right_fits(text: str) -> None:
    assert fits(text)


@pytest.mark.parametrize(
    "text",
    [
        "steps: [{shop.ping: }]",
        "workflow: w\nsteps: []",
        "workflow: w\nstep: []\nsteps: [{shop.ping: }]",
        step("shop.pong:"),
        step("name: a"),
        step("{shop.ping: , fail: {code: A, message: b}}"),
        step("{shop.ping: , ass: b}"),
        step("shop.order: {}"),
        step("shop.order:"),
        step("shop.order: {number: one}"),
        step("shop.order: {number: 1, speed: medium}"),
        step("shop.order: {number: 1, sped: fast}"),
        step("shop.order: {number: 1, lines: [{text: a}]}"),
        step("{if: 5, shop.ping: }"),
        step("{as: my-bill, shop.ping: }"),
        step("group: []"),
        step("group: [{shop.pong: }]"),
        step("fail: {code: A}"),
        "workflow: w\ntriggers: [{folders: a}]\nsteps: [{shop.ping: }]",
        "workflow: w\ntriggers: [{every: 5m, folder: a}]\nsteps: [{shop.ping: }]",
        "workflow: w\ninputs: {a: monney}\nsteps: [{shop.ping: }]",
        "workflow: w\nqueue: {priority: urgent}\nsteps: [{shop.ping: }]",
        "workflow: w\nverify: {a: []}\nsteps: [{shop.ping: }]",
    ],
)
def test_what_is_wrong_does_not_fit(text: str) -> None:
    assert not fits(text)


def test_an_editor_finds_a_description_of_every_action_key_and_input() -> None:
    keys = SCHEMA["$defs"]["step"]["properties"]
    assert keys["shop.ping"]["description"] == "What the action does."
    assert keys["retry"]["description"] == "how often and when an application exception is tried again"
    order = SCHEMA["$defs"]["language.office.Order"]["properties"]
    assert {entry["description"] for entry in order.values()} >= {
        "the order's number",
        "how fast it comes",
        "its lines",
    }
    assert all(entry.get("description") for name, entry in SCHEMA["properties"].items() if name != "$schema")


def test_titles_that_only_repeat_names_are_left_out() -> None:
    assert "title" not in SCHEMA["$defs"]["language.office.Order"]["properties"]["number"]
    assert "title" in SCHEMA["properties"], "a property may be called title"
