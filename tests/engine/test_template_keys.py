"""Values with expressions in them, and names of entries that are only known when they are evaluated."""

from __future__ import annotations

from typing import Any

import pytest

from engine.errors import ExpressionError, Location, WorkflowError
from engine.template import parse_template


def _evaluated(value: Any, **scope: Any) -> Any:
    return parse_template(value, lambda _path, _offset: Location("test.yaml", 1, 1)).evaluate(scope)


def test_the_name_of_an_entry_may_hold_an_expression() -> None:
    value = {"fill": {"${{ item.label }}": "x", "row=${{ item.row }} >> Amount": "${{ item.row }}"}}
    made = _evaluated(value, item={"label": "Vendor no.", "row": "7"})
    assert made == {"fill": {"Vendor no.": "x", "row=7 >> Amount": "7"}}


def test_a_name_is_evaluated_anew_in_each_round_of_a_loop() -> None:
    value = {"for_each": ["a", "b"], "do": [{"fill": {"${{ each }}": 1}}]}
    assert _evaluated(value)["do"] == [[{"fill": {"a": 1}}], [{"fill": {"b": 1}}]]


def test_a_name_that_comes_twice_loses_no_entry() -> None:
    with pytest.raises(ExpressionError, match="two entries of a mapping have the name 'a'"):
        _evaluated({"a": 1, "${{ item }}": 2}, item="a")


def test_an_expression_in_a_name_that_is_wrong_is_a_problem_of_the_file() -> None:
    with pytest.raises(WorkflowError, match="expected an expression"):
        _evaluated({"${{ item. }}": 1}, item={})
