"""What expressions give, and what they say when they cannot."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import ExpressionError
from engine.expressions import compile_expression

SCOPE: dict[str, Any] = {
    "item": {"file": {"path": "/a.pdf", "name": "a.pdf", "sha256": "ab12"}, "total": Decimal("12.50"), "none": None},
    "invoice": {
        "confidence": 0.9,
        "problems": [],
        "seller": {"name": "Müller", "tax id": "DE1"},
        "lines": [{"q": 1, "p": Decimal("2.50")}, {"q": 2, "p": Decimal("3.00")}],
    },
    "today": date(2026, 3, 31),
    "now": datetime(2026, 3, 31, 17, 30, tzinfo=UTC),
    "paid": True,
    "count": 3,
    "word": "abc",
}


def value(text: str, **names: Any) -> Any:
    return compile_expression(text).evaluate(SCOPE | names)


def refusal(text: str, **names: Any) -> str:
    with pytest.raises(ExpressionError) as caught:
        value(text, **names)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", Decimal(1)),
        ("0.1 + 0.2", Decimal("0.3")),
        ("1_000.50", Decimal("1000.50")),
        ("0x1F", Decimal(31)),
        ("'a' + \"b\"", "ab"),
        ("true and not false", True),
        ("True", True),
        ("none", None),
        ("null", None),
        ("None", None),
        ("[1, 'a']", [Decimal(1), "a"]),
        ("(1, 2)", [Decimal(1), Decimal(2)]),
        ("{'a': 1, 'b': {'c': 2}}", {"a": Decimal(1), "b": {"c": Decimal(2)}}),
        ("item.total", Decimal("12.50")),
        ("item['total']", Decimal("12.50")),
        ("invoice.seller['tax id']", "DE1"),
        ("invoice.lines[0].p", Decimal("2.50")),
        ("invoice.lines[-1].q", 2),
        ("invoice.lines[len(invoice.lines) - 1].q", 2),
        ("word[0]", "a"),
        ("word[1:]", "bc"),
        ("[1, 2, 3][:2]", [Decimal(1), Decimal(2)]),
        ("today.year", 2026),
        ("today.month", 3),
        ("today.day", 31),
        ("today.weekday", 2),
        ("today.week", 14),
        ("today.quarter", 1),
        ("now.hour", 17),
        ("now.date", date(2026, 3, 31)),
        ("item.total * 2 - 1", Decimal("24.00")),
        ("7 / 2", Decimal("3.5")),
        ("7 // 2", Decimal(3)),
        ("7 % 2", Decimal(1)),
        ("2 ** 10", Decimal(1024)),
        ("-item.total", Decimal("-12.50")),
        ("+count", Decimal(3)),
        ("count + 1", Decimal(4)),
        ("1 < 2 < 3", True),
        ("1 < 2 > 3", False),
        ("invoice.confidence == 0.9", True),
        ("invoice.confidence < 0.9", False),
        ("count == 3", True),
        ("paid == 1", False),
        ("item.none == none", True),
        ("item.none is none", True),
        ("item.total is not none", True),
        ("'b' in word", True),
        ("'seller' in invoice", True),
        ("3 in [1, 2, 3]", True),
        ("3 not in [1, 2]", True),
        ("'x' if paid else 'y'", "x"),
        ("item.none or 'unknown'", "unknown"),
        ("word and 'yes'", "yes"),
        ("invoice.problems or count > 2", True),
        ("invoice.confidence < 0.5 or invoice.problems", False),
        ("[l.p * l.q for l in invoice.lines]", [Decimal("2.50"), Decimal("6.00")]),
        ("[l.q for l in invoice.lines if l.q > 1]", [2]),
        ("[x for a in [[1, 2], [3]] for x in a]", [Decimal(1), Decimal(2), Decimal(3)]),
        ("[a + b for a, b in [['x', 'y']]]", ["xy"]),
        ("{l.p: 1 for l in []}", {}),
        ("{'k' + text(l.q): l.q for l in invoice.lines}", {"k1": 1, "k2": 2}),
        ("sum(l.q for l in invoice.lines)", Decimal(3)),
        ("today - date('2026-01-01')", 89),
        ("today + 1", date(2026, 4, 1)),
        ("today - 31", date(2026, 2, 28)),
        ("now + 0.5", datetime(2026, 4, 1, 5, 30, tzinfo=UTC)),
        ("now - (now - 0.5)", Decimal("0.5")),
        ("today > date('2026-01-01')", True),
        ("\n  count\n  + 1\n", Decimal(4)),
        ("'#' + word", "#abc"),
    ],
)
def test_an_expression_gives(text: str, expected: Any) -> None:
    found = value(text)
    assert found == expected and type(found) is type(expected)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("itm.total", "there is no name itm; did you mean item?"),
        ("xyz", "there is no name xyz; the names here are count, invoice, item, now, paid, today, word"),
        ("item.totl", "item has no field totl; it has file, none, total; did you mean total?"),
        ("item.file.size", "item.file has no field size; it has name, path, sha256; write one of those"),
        ("item['totl']", "item has no field totl; it has file, none, total; did you mean total?"),
        (
            "item.none.x",
            "item.none is nothing (none) and has no field x; ask first: `item.none.x if item.none is not none else ...`",
        ),
        (
            "invoice.lines.q",
            "invoice.lines is a list of 2 and has no field q; name one entry, `invoice.lines[0].q`, or go through all: "
            "`[each.q for each in invoice.lines]`",
        ),
        ("word.x", "word is the text 'abc' and has no field x; only mappings, dates and times have fields"),
        ("today.yeer", "today is the date 2026-03-31 and has no field yeer; did you mean year?"),
        ("word[7]", "word has 3 characters and none at [7]; they count from 0"),
        ("invoice.lines[2]", "invoice.lines has 2 entries and none at [2]; they count from 0"),
        ("invoice.lines[0.5]", "invoice.lines has no entry for the number 0.5; use a whole number"),
        (
            "count['a']",
            "count is the number 3 and has no entry for the text 'a'; name a field of a mapping by text, an entry of a "
            "list by its number",
        ),
        ("count[1:]", "count is the number 3 and has no parts; use text or a list"),
        ("[1][::2]", "a step in [a:b:c] is not in the expression language; write [a:b]"),
        (
            "item.none > 5",
            "`item.none > 5`: nothing (none) cannot be compared with the number 5 by >; ask first whether the value is "
            "there: `x is not none and ...`",
        ),
        (
            "word < 5",
            "`word < 5`: the text 'abc' cannot be compared with the number 5 by <; turn text into a number with "
            "number(...)",
        ),
        (
            "today >= '2026-01-01'",
            "`today >= '2026-01-01'`: the date 2026-03-31 cannot be compared with the text '2026-01-01' by >=; turn text "
            "into a date with date(...)",
        ),
        (
            "today < now",
            "`today < now`: the date 2026-03-31 cannot be set against the time 2026-03-31T17:30:00+00:00; use two dates: "
            "`.date` of a time is its date",
        ),
        (
            "paid < 1",
            "`paid < 1`: true cannot be compared with the number 1 by <; compare two numbers, two texts or two dates",
        ),
        (
            "item.none + 1",
            "`item.none + 1`: + cannot work on nothing (none) and the number 1; ask first whether the value is there: "
            "`x is not none`",
        ),
        (
            "word + 1",
            "`word + 1`: + cannot work on the text 'abc' and the number 1; turn text into a number with number(...), or "
            "a number into text with text(...)",
        ),
        ("[] - []", "`[] - []`: - cannot work on a list of 0 and a list of 0; use two numbers"),
        ("-word", "- cannot work on the text 'abc'; use a number"),
        ("+item", "+ cannot work on a mapping with file, none, total; use a number"),
        ("1 / 0", "`1 / 0`: division by zero; ask first whether the divisor is 0"),
        ("0 / 0", "`0 / 0`: division by zero; ask first whether the divisor is 0"),
        ("5 % 0", "`5 % 0`: division by zero; ask first whether the divisor is 0"),
        ("word * 3", "`word * 3`: * does not repeat text or lists; use pad(...) to fill text up to a width"),
        ("'%d' % 1", "`'%d' % 1`: % does not format text; write the values inside text: `No. ${{ number }}`"),
        ("today + 0.5", "`today + 0.5`: a date cannot move by 0.5 days; use a whole number of days"),
        ("today + 9999999", "`today + 9999999`: the date would lie outside the years 1 to 9999; check the number"),
        ("5 in word", "`5 in word`: `in` cannot look for the number 5 in text; turn it into text with text(...)"),
        ("5 in 6", "`5 in 6`: `in` cannot look into the number 6; use text, a list or a mapping after it"),
        ("word is 5", "`is` only asks for none; write == or !="),
        ("[x for x in word]", "word is the text 'abc', not a list; use a list after `in`"),
        (
            "[x for x in item]",
            "item is a mapping with file, none, total, not a list; use keys(...) or values(...)",
        ),
        ("[a for a, b in [1]]", "the number 1 cannot be taken apart into a, b; use one name"),
        ("{1: 2}", "a field cannot be named by the number 1; name it by text"),
        ("upper", "upper is a function; write upper(value)"),
        ("1e5000", "a number is too large or is not a number; check where it comes from"),
    ],
)
def test_an_expression_says_what_is_wrong(text: str, message: str) -> None:
    assert refusal(text) == message


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("", 1, "the expression is empty; write a name or a value between ${{ and }}"),
        ("a +", 4, "`a +` is not an expression: invalid syntax; check brackets, quotes and operators"),
        ("(a", 1, "`(a` is not an expression: '(' was never closed; check brackets, quotes and operators"),
        ("a = 5", 3, "= does not compare; write `==`"),
        ("a && b", 3, "&& is not an operator here; write `and`"),
        ("a || b", 3, "|| is not an operator here; write `or`"),
        ("a and !b", 7, "! is not an operator here; write `not`"),
        ("a ? 1 : 2", 3, "? is not an operator here; write `a if condition else b`"),
        (
            "item.from",
            5,
            'from is a word of the language and cannot follow a dot; write the field in brackets: ["from"]',
        ),
        ("a # b", 3, "# begins a comment inside the expression; take it out"),
        ("  uper(a)", 3, "there is no function uper; did you mean upper?"),
        ("'é' + strip(a)", 7, "there is no function strip; did you mean trim?"),
        ("today()", 1, "today is a value, not a function; write today without brackets"),
        ("a.upper()", 1, "`a.upper(...)`: values have no methods; write upper(a)"),
        ("a.run()", 1, "`a.run(...)`: values have no methods; write function(value)"),
        ("upper(1, 2)", 1, "upper(...) does not take these values: too many positional arguments; write upper(value)"),
        (
            "pad('7', 3, fil='0')",
            1,
            "pad(...) does not take these values: got an unexpected keyword argument 'fil'; write pad(value, width, "
            "fill='0')",
        ),
        ("upper(**a)", 7, "** is not in the expression language; write each value"),
        ("{**a}", 4, "** is not in the expression language; write each field"),
        ("1 + (lambda: 1)", 6, "a lambda is not in the expression language; use names, operators and functions"),
        ("f'{a}'", 1, "an f-string is not in the expression language; use names, operators and functions"),
        ("(a := 1)", 2, "an assignment (:=) is not in the expression language; use names, operators and functions"),
        ("{1, 2}", 1, "a set is not in the expression language; use names, operators and functions"),
        ("[*a]", 2, "a star (*) is not in the expression language; use names, operators and functions"),
        ("a @ b", 1, "the operator in `a @ b` is not in the expression language; use + - * / // % **"),
        ("a | b", 1, "the operator in `a | b` is not in the expression language; use + - * / // % **"),
        ("~a", 1, "~ is not in the expression language; use `not`"),
        ("b'a'", 1, "b'a' is not in the expression language; use text, a number, true or false"),
        ("1j", 1, "1j is not in the expression language; use text, a number, true or false"),
        ("...", 1, "... is not in the expression language; use text, a number, true or false"),
        ("[x for x.y in a]", 8, "`x.y` cannot be bound; write a name after for"),
    ],
)
def test_a_wrong_expression_is_refused_with_its_column(text: str, column: int, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        compile_expression(text)
    assert (str(caught.value), caught.value.column) == (message, column)


def test_a_call_of_no_function_lists_them() -> None:
    with pytest.raises(ExpressionError, match=r"`a\[0\]` cannot be called; the functions are abs, add_business_days"):
        compile_expression("a[0](1)")
    with pytest.raises(ExpressionError, match="there is no function qqqq; the functions are abs, add_business_days"):
        compile_expression("qqqq(1)")


def test_a_condition_makes_and_and_or_true_or_false() -> None:
    text = "invoice.lines or item.none"
    assert compile_expression(text).evaluate(SCOPE) == SCOPE["invoice"]["lines"]
    assert compile_expression(text, condition=True).evaluate(SCOPE) is True
    assert compile_expression("item.none and invoice.lines", condition=True).evaluate(SCOPE) is False
    assert compile_expression("word", condition=True).evaluate(SCOPE) == "abc", "a lone value stays what it is"


def test_names_are_the_paths_outside_of_comprehensions() -> None:
    expression = compile_expression("upper(item.seller['name']) + [x.y + word for x in invoice.lines if x.z][0].p")
    assert [str(name) for name in expression.names] == ["item.seller.name", "invoice.lines", "word"]
    assert [name.column for name in expression.names] == [7, 51, 37]


def test_columns_count_letters_and_not_bytes() -> None:
    (name,) = compile_expression("'äöü' + word").names
    assert name.column == 9


def test_an_inner_comprehension_has_its_own_names() -> None:
    assert value("[[x for x in [y, y]] for y in [1, 2]]") == [[1, 1], [2, 2]]
    assert refusal("[x for x in [1]][0] + x").startswith("there is no name x")


def test_a_scope_is_never_changed() -> None:
    scope = {"rows": [1, 2], "x": "kept"}
    assert compile_expression("[x for x in rows]").evaluate(scope) == [1, 2]
    assert scope == {"rows": [1, 2], "x": "kept"}


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15, places=4))
def test_a_number_literal_is_exact(number: Decimal) -> None:
    assert compile_expression(f"{number:f}").evaluate({}) == number


@given(st.text(max_size=200))
def test_a_text_literal_is_itself(text: str) -> None:
    assert compile_expression(repr(text)).evaluate({}) == text if len(repr(text)) < 4000 else True


@given(st.text(alphabet="ab.()[]{}'\"+-*/%<>=! 0123,:_#\n", max_size=60))
def test_whatever_is_written_is_a_value_or_a_plain_error(text: str) -> None:
    try:
        compile_expression(text).evaluate({"a": {"b": [1, 2]}, "b": "text"})
    except ExpressionError as error:
        assert error.message


def test_data_of_an_unknown_kind_is_told_in_words() -> None:
    assert refusal("x + 1", x=object()).startswith("`x + 1`: + cannot work on a value of type object and the number 1")
    assert refusal("x + 1", x=float("nan")) == "a number is too large or is not a number; check where it comes from"
    assert refusal("unique([x])", x={1}) == (
        "unique([x]) cannot be evaluated: unhashable type: 'set'; check the values in it"
    )
