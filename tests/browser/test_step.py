"""What is known of a browser step from its YAML alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from bots.browser import actions
from bots.browser.do import reference
from bots.browser.preview import changes
from engine.action import REGISTRY, Effect
from tests.fakes.context import PlainContext

PORTAL = {
    "connection": "portal",
    "do": [
        {"open": "/new"},
        {"fill": {"Vendor": "ACME", "Password": "hunter2", "Note": "see hunter2"}},
        {"click": "Save"},
        {"dialog": "accept"},
        {"click": "Save"},
        {"if": {"see": "Done", "do": [{"read": {"entry_no": "label=Entry number"}}]}},
        {"count": {"rows": "table tr"}},
    ],
}


def test_a_step_that_only_reads_is_no_effect() -> None:
    effect = REGISTRY["browser"].effect_of
    assert effect({"do": [{"open": "/"}, {"see": "x"}, {"read": {"a": "b"}}, "login"]}) is Effect.NONE
    assert effect({"do": [{"open": "/"}, {"if": {"see": "x", "do": [{"read": {"a": "b"}}]}}]}) is Effect.NONE
    assert effect({"do": [{"open": "/"}, {"if": {"see": "x", "do": [{"click": "b"}]}}]}) is Effect.MANUAL
    assert effect(PORTAL) is Effect.MANUAL
    assert effect({"reads": True, "do": [{"open": "/"}, {"click": "Search"}]}) is Effect.NONE


def test_later_steps_may_use_what_is_read_anywhere_in_it() -> None:
    assert REGISTRY["browser"].shape_of(PORTAL) == {"url": None, "entry_no": None, "rows": None}


def test_what_is_typed_and_clicked_is_told_without_secrets(tmp_path: Any) -> None:
    step = actions.BrowserStep.model_validate(PORTAL)
    with PlainContext(tmp_path, secrets={"portal": "hunter2"}) as context:
        told = changes(step.do, context.scrub)
    assert told == {
        "fill Vendor": (None, "ACME"),
        "fill Password": (None, "••••••"),
        "fill Note": (None, "see ***"),
        "click Save": (None, "clicked"),
        "dialog accept": (None, "done"),
        "click Save (2)": (None, "clicked"),
    }


@pytest.mark.parametrize(
    ("line", "where", "told"),
    [
        ({"clik": "Save"}, ("do", 0), "one of the verbs; clik is none, did you mean click?"),
        ({"click": "Save", "see": "x"}, ("do", 0), "one verb and its argument on each line, as `click: Save`"),
        ({"click": {"target": "Save", "wait": 1}}, ("do", 0, "click", "wait"), "Extra inputs are not permitted"),
        (
            {"repeat": {"times": 2, "do": [{"clck": "x"}]}},
            ("do", 0, "repeat", "do", 0),
            "clck is none, did you mean click?",
        ),
        ({"repeat": {"do": ["login"]}}, ("do", 0, "repeat"), "exactly one of times, while and until"),
        ({"dialog": "maybe"}, ("do", 0, "dialog", "answer"), "Input should be 'accept' or 'dismiss'"),
    ],
)
def test_a_mistake_is_told_where_it_is(line: Any, where: tuple[Any, ...], told: str) -> None:
    with pytest.raises(ValidationError) as caught:
        actions.BrowserStep.model_validate({"base_url": "http://x", "do": [line]})
    (error,) = caught.value.errors()
    assert error["loc"] == where
    assert told in error["msg"]


def test_the_schema_names_every_verb_with_its_short_form() -> None:
    verbs = actions.BrowserStep.model_json_schema()["$defs"]["Do"]["properties"]
    assert {"open", "click", "fill", "select", "upload", "read", "table", "see", "repeat", "if"} <= set(verbs)
    click = actions.BrowserStep.model_json_schema()["$defs"]["Click"]
    assert click["anyOf"][0]["type"] == "string"


def test_the_documentation_has_every_verb_as_it_is() -> None:
    page = Path(__file__).parents[2] / "docs" / "browser.md"
    assert reference() in page.read_text(encoding="utf-8"), "put what `reference()` gives into docs/browser.md"
