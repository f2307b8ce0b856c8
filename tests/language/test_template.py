"""YAML values with expressions inside."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import ExpressionError, Problems, WorkflowError
from engine.template import parse_condition, parse_template
from engine.yaml_source import parse_yaml

SCOPE: dict[str, Any] = {
    "n": Decimal("12.50"),
    "day": date(2026, 3, 31),
    "at": datetime(2026, 3, 31, 7, 0, tzinfo=UTC),
    "rows": [1, 2],
    "nothing": None,
    "yes": True,
    "word": "${{ n }}",
    "m": {"a": 1},
}


def evaluated(yaml: str) -> Any:
    source = parse_yaml(yaml, "w.yaml")
    return parse_template(source.value, source.inside(source.value, source.mark)).evaluate(SCOPE)


@pytest.mark.parametrize(
    ("yaml", "expected"),
    [
        ("plain", "plain"),
        ("5", 5),
        ("${{ n }}", Decimal("12.50")),
        ("'${{ n }}'", Decimal("12.50")),
        ("${{ rows }}", [1, 2]),
        ("${{ nothing }}", None),
        ("|\n  ${{ rows }}\n", [1, 2]),
        ("'No. ${{ n }}'", "No. 12.50"),
        ("'${{ day }}/${{ n }}'", "2026-03-31/12.50"),
        ("'${{ day }} ${{ n }}'", "2026-03-31 12.50"),
        ("'at ${{ at }}'", "at 2026-03-31T07:00:00+00:00"),
        ("'x${{ 1e20 }}'", "x100000000000000000000"),
        ("'x${{ 0.10 * 1 }}'", "x0.10"),
        ("'x${{ 0 * -1 }}'", "x0"),
        ("'is ${{ yes }}'", "is true"),
        ("{a: '${{ n }}', b: [x, '${{ m.a }}']}", {"a": Decimal("12.50"), "b": ["x", 1]}),
        ("\"${{ 'a}}b' }}\"", "a}}b"),
        ("\"${{ {'a': {'b': 1}} }}\"", {"a": {"b": Decimal(1)}}),
        ("'$${{ n }}'", "${{ n }}"),
        ("'a $${{ n }} ${{ n }}'", "a ${{ n }} 12.50"),
        ("'$ {{ n }}'", "$ {{ n }}"),
        ("'}} ${{ n }}'", "}} 12.50"),
        ("\"${{ 'it\\\\'s' }}\"", "it's"),
        (">-\n  ${{\n  n\n  + 1 }}\n", Decimal("13.50")),
    ],
)
def test_a_template_gives(yaml: str, expected: Any) -> None:
    found = evaluated(yaml)
    assert found == expected and type(found) is type(expected)


def test_what_comes_out_is_never_evaluated_again() -> None:
    assert evaluated("'${{ word }}'") == "${{ n }}"
    assert evaluated("'> ${{ word }}'") == "> ${{ n }}"


def test_a_value_is_made_anew_each_time() -> None:
    source = parse_yaml("{a: [1], b: {c: d}}", "w.yaml")
    template = parse_template(source.value, source.inside(source.value, source.mark))
    first = template.evaluate({})
    first["a"].append(2)
    assert template.evaluate({}) == {"a": [1], "b": {"c": "d"}}
    assert type(template.evaluate({})) is dict


@pytest.mark.parametrize(
    ("yaml", "message"),
    [
        (
            "'x ${{ nothing }}'",
            "nothing: the value is nothing (none) and cannot stand inside text; give another value for that case: "
            "`x if x is not none else 'unknown'`",
        ),
        (
            "'x ${{ rows }}'",
            "rows: a list of 2 cannot stand inside text; name one entry or field of it, or use join(...)",
        ),
        (
            "'x ${{ m }}'",
            "m: a mapping with a cannot stand inside text; name one entry or field of it, or use join(...)",
        ),
    ],
)
def test_what_has_no_reading_as_text_is_an_error(yaml: str, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        evaluated(yaml)
    assert str(caught.value) == message


def test_an_error_of_the_run_names_the_expressions_own_place() -> None:
    with pytest.raises(ExpressionError) as caught:
        evaluated("a: fine\nb:\n  - 'x ${{ n }} and ${{ nn }}'\n")
    assert str(caught.value.location) == "w.yaml:3:25"


@pytest.mark.parametrize(
    ("yaml", "problem"),
    [
        ("a: ${{ n", "w.yaml:1:4: ${{ is never closed; expected }} after the expression; add }}"),
        (
            "a: 'x ${{ n + }}'",
            "w.yaml:1:15: `n +` is not an expression: invalid syntax; expected an expression; check brackets, quotes and "
            "operators",
        ),
        (
            "a: ${{ }}",
            "w.yaml:1:8: the expression is empty; expected an expression; write a name or a value between ${{ and }}",
        ),
        ("a: ${{ uper(n) }}", "w.yaml:1:8: there is no function uper; expected an expression; did you mean upper?"),
        ("a: 'it''s ${{ uper(n) }}'", "w.yaml:1:15: there is no function uper; expected an expression; did you mean upper?"),
        (
            'a: "é \\u00e9\\" ${{ uper(n) }}"',
            "w.yaml:1:20: there is no function uper; expected an expression; did you mean upper?",
        ),
        ("a: |\n  one\n  ${{ uper(n) }}\n", "w.yaml:3:7: there is no function uper; expected an expression; did you mean upper?"),
        ("a: >-\n  one\n  two ${{ 1 +\n    uper(n) }}\n", "w.yaml:4:5: there is no function uper; expected an expression; did you mean upper?"),
        ("a:\n  - [x, '${{ 1 + uper(n) }}']", "w.yaml:2:18: there is no function uper; expected an expression; did you mean upper?"),
        ("a: plain\n  over lines ${{ uper(n) }}", "w.yaml:2:18: there is no function uper; expected an expression; did you mean upper?"),
    ],
)  # fmt: skip
def test_a_wrong_expression_is_told_with_its_place_in_the_file(yaml: str, problem: str) -> None:
    with pytest.raises(WorkflowError) as caught:
        evaluated(yaml)
    assert str(caught.value) == problem


def test_all_wrong_expressions_are_told_at_once() -> None:
    problems = Problems()
    source = parse_yaml("[ '${{ 1 + }}', '${{ good }}', '${{ x(1) }}' ]", "w.yaml")
    template = parse_template(source.value, source.inside(source.value, source.mark), problems)
    assert [problem.location.column for problem in problems.found] == [12, 37]
    assert [str(name) for name, _ in template.references()] == ["good"]
    assert not template.constant


def test_a_loop_gives_its_body_once_for_each_entry() -> None:
    loop = "{for_each: '${{ rows }}', do: [{fill: '${{ each }} of ${{ m.a }}'}], note: '${{ n }}'}"
    assert evaluated(loop) == {
        "note": Decimal("12.50"),
        "for_each": [1, 2],
        "do": [[{"fill": "1 of 1"}], [{"fill": "2 of 1"}]],
    }
    named = (
        "{for_each: [{x: 1}], each: row, do: ['${{ row.x }}', {for_each: '${{ rows }}', do: ['${{ each + row.x }}']}]}"
    )
    assert evaluated(named)["do"] == [[1, {"for_each": [1, 2], "do": [[2], [3]]}]]


def test_the_names_that_a_loop_binds_are_its_own() -> None:
    source = parse_yaml("{for_each: '${{ each }}', do: ['${{ each.x }} ${{ other }}']}", "w.yaml")
    template = parse_template(source.value, source.inside(source.value, source.mark))
    assert [str(name) for name, _ in template.references()] == ["each", "other"]


def test_a_loop_over_what_is_no_list_is_told_with_its_place() -> None:
    with pytest.raises(ExpressionError) as caught:
        evaluated("do:\n- repeat:\n    for_each: ${{ n }}\n    do: [x]\n")
    assert str(caught.value) == "for_each gives Decimal '12.50', expected a list; give it a list"
    assert str(caught.value.location) == "w.yaml:3:15"


def test_a_condition_is_true_or_false_whatever_or_joins() -> None:
    source = parse_yaml("${{ nothing or rows }}", "w.yaml")
    problems = Problems()
    locate = source.inside(source.value, source.mark)
    assert parse_condition(source.value, locate, problems).evaluate(SCOPE) is True
    assert parse_template(source.value, locate).evaluate(SCOPE) == [1, 2]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=20).filter(lambda text: "${{" not in text),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
        max_leaves=12,
    )
)
def test_a_value_without_expressions_comes_out_as_it_went_in(value: Any) -> None:
    source = parse_yaml("x", "w.yaml")
    template = parse_template(value, source.inside(value, source.mark))
    assert template.constant and template.evaluate({}) == value


@given(st.text(max_size=40))
def test_any_text_in_an_expression_reaches_the_value_unchanged(text: str) -> None:
    source = parse_yaml("x", "w.yaml")
    written = "a ${{ word }} b"
    template = parse_template(written, source.inside(written, source.mark))
    assert template.evaluate({"word": text}) == f"a {text} b"
