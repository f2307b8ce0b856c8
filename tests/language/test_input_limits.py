"""What an input may be: one of some values, between two bounds, of a pattern; told to authors and to who gives it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fakes.surroundings import FolderSurroundings
from language.office import OFFICE

from engine.errors import UsageError, WorkflowError
from engine.inputs import typed_inputs
from engine.loader import load_source

FORM = """workflow: pay
inputs:
  terms: {type: text, choices: [now, 30 days], required: false}
  code: {type: text, pattern: "[A-Z]{2}[0-9]+", required: false}
  total: {type: money, min: 0.01, max: 5000, required: false}
  day: {type: date, min: 2026-01-01, required: false}
  slow: {type: text, pattern: "(a+)+b", required: false}
steps: [{shop.ping: }]
"""


def given(folder: Path, **values: Any) -> str:
    """What is told of these values, nothing if all are right."""
    flow = load_source(FORM, "pay.yaml", OFFICE)
    try:
        typed_inputs(flow, values, FolderSurroundings(folder))
    except UsageError as error:
        return error.message.removeprefix("item of pay: ")
    return ""


@pytest.mark.parametrize(
    "values", [{"terms": "30 days"}, {"code": "AB12"}, {"total": "0.01"}, {"total": 5000}, {"day": "2026-01-01"}, {}]
)
def test_what_keeps_the_limits_is_taken(tmp_path: Path, values: dict[str, Any]) -> None:
    assert given(tmp_path, **values) == ""


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"terms": "later"}, "terms is 'later', expected one of 30 days, now"),
        ({"code": "AB12x"}, "code is 'AB12x', expected text like [A-Z]{2}[0-9]+"),
        ({"total": "0"}, "total is '0', expected 0.01 or more"),
        ({"total": "5000.01"}, "total is '5000.01', expected 5000 or less"),
        ({"day": "2025-12-31"}, "day is '2025-12-31', expected 2026-01-01 or more"),
        (
            {"total": "much", "day": "2025-12-31"},
            "total is 'much', expected an amount such as 1234.50; day is '2025-12-31', expected 2026-01-01 or more",
        ),
        ({"slow": "a" * 60}, f"slow is '{'a' * 60}', expected text like (a+)+b"),
    ],
)
def test_what_does_not_is_told_all_at_once(tmp_path: Path, values: dict[str, Any], told: str) -> None:
    assert given(tmp_path, **values) == told


def test_limits_that_do_not_fit_the_input_are_problems_of_the_file() -> None:
    text = """workflow: w
inputs:
  a: {type: text, min: 1}
  b: {type: integer, choices: [1, two]}
  c: {type: money, max: much}
  d: {type: text, pattern: "("}
  e: {type: integer, max: 5, default: 6}
  f: {type: bool, choices: [yes]}
steps: [{shop.ping: }]
"""
    with pytest.raises(WorkflowError) as caught:
        load_source(text, "w.yaml", OFFICE)
    assert [str(problem).removeprefix("w.yaml:") for problem in caught.value.problems] == [
        "3:19: min of the input a, which is of type text; expected it of date, datetime, integer, money, number; remove it",
        "4:35: choices of the input b is the text 'two'; expected a whole number; correct the value",
        "5:25: max of the input c is the text 'much'; expected an amount such as 1234.50; correct the value",
        "6:28: pattern of the input d is the text '(': missing ) at position 1; expected a regular expression; correct it",
        "7:39: default of the input e is the number 6; expected 5 or less; correct the value",
        "8:19: choices of the input f, which is of type bool; expected it of date, datetime, integer, money, number, text; remove it",
    ]
