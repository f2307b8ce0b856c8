"""`${{ }}`: a Python-like expression, parsed once into closures, evaluated against plain values.

Python's own parser reads the text; a white list of its nodes is compiled. No attribute of a Python object is
reachable, every operator and size is bounded, and an expression never sees anything but the scope it is given.
"""

from __future__ import annotations

import ast
import io
import keyword
import re
import tokenize
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.budget import Budget
from engine.errors import ExpressionError, Location
from engine.expression_names import Reference, references
from engine.expression_nodes import Compiler, Node

MAX_SOURCE = 4_000
MAX_DEPTH = 60

_FOREIGN = (
    (re.compile(r"&&"), "&& is not an operator here", "write `and`"),
    (re.compile(r"\|\|"), "|| is not an operator here", "write `or`"),
    (re.compile(r"!(?!=)"), "! is not an operator here", "write `not`"),
    (re.compile(r"(?<![=!<>:])=(?!=)(?![^()]*\))"), "= does not compare", "write `==`"),
    (re.compile(r"\bAND\b"), "AND is not an operator here", "write `and`, in small letters"),
    (re.compile(r"\bOR\b"), "OR is not an operator here", "write `or`, in small letters"),
    (re.compile(r"\bNOT\b"), "NOT is not an operator here", "write `not`, in small letters"),
    (re.compile("[\u2018\u2019\u201c\u201d\u201e\u00ab\u00bb]"), "typographic quotes", "write straight quotes: 'text'"),
    (re.compile("[\u20ac$\u00a3]"), "a sign of a currency", "write the number alone"),
    (re.compile(r"\?"), "? is not an operator here", "write `a if condition else b`"),
)
_KEYWORD_FIELD = re.compile(rf"\.({'|'.join(keyword.kwlist)})\b")
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression. `names` are the names and fields it refers to, outside its own comprehensions."""

    text: str
    location: Location | None
    names: tuple[Reference, ...]
    node: Node
    makes_lists: bool

    def evaluate(self, scope: Mapping[str, Any]) -> Any:
        """The value. ExpressionError in plain words if the values do not allow it."""
        budget = Budget()
        try:
            value = self.node(scope, budget)
            if self.makes_lists:
                budget.weigh(value)
        except (ArithmeticError, RecursionError, MemoryError, ValueError, TypeError) as error:
            # The operators refuse what they do not take; this is for data no action should have made.
            raise ExpressionError(
                f"{self.text} cannot be evaluated: {error}", advice="check the values in it"
            ) from error
        return value


def compile_expression(text: str, location: Location | None = None, *, condition: bool = False) -> Expression:
    """Parse once. In a `condition`, `and` and `or` give true or false whatever they join.

    ExpressionError with the column, counted from one inside `text`, for anything that is not in the language.
    """
    tree = _parse(text)
    made = Compiler(text).compile(tree, condition=condition)
    return Expression(text.strip(), location, references(tree, text), made.node, made.makes_lists)


def _parse(text: str) -> ast.expr:
    if len(text) > MAX_SOURCE:
        raise ExpressionError(
            f"the expression is {len(text):,} characters long; at most {MAX_SOURCE:,} are allowed",
            advice="split it over several `set` steps",
        )
    if not text.strip():
        raise ExpressionError("the expression is empty", advice="write a name or a value between ${{ and }}")
    # White space counts for nothing here, so one line keeps Python from reading indentation into it.
    line = re.sub(r"[\n\r\t\f]", " ", text)
    start = len(line) - len(line.lstrip())
    try:
        tree = ast.parse(line.strip(), mode="eval").body
    except SyntaxError as error:
        raise _syntax_error(line, error, start) from None
    except (RecursionError, MemoryError):
        raise _too_deep() from None
    except ValueError as error:
        raise ExpressionError(f"the expression holds a character that is not text: {error}") from None
    _refuse_comment(line)
    _measure(tree)
    if start:
        _shift(tree, len(line[:start].encode()))
    return tree


def _shift(tree: ast.expr, by: int) -> None:
    for node in ast.walk(tree):
        if isinstance(node, (ast.expr, ast.keyword)):
            node.col_offset += by
            node.end_col_offset = (node.end_col_offset or 0) + by


def _measure(tree: ast.expr) -> None:
    """Refuse what is nested too deeply; walked level by level, so that the walk itself cannot run too deep."""
    level: list[ast.AST] = [tree]
    for _ in range(MAX_DEPTH):
        level = [
            child
            for node in level
            for child in ast.iter_child_nodes(node)
            if not isinstance(child, (ast.expr_context, ast.operator, ast.unaryop, ast.cmpop, ast.boolop))
        ]
        if not level:
            return
    raise _too_deep()


def _too_deep() -> ExpressionError:
    return ExpressionError(
        f"the expression is nested more than {MAX_DEPTH} levels deep", advice="split it over several `set` steps"
    )


def _refuse_comment(line: str) -> None:
    """Python drops what follows #; here that would silently shorten an expression."""
    if "#" not in line:
        return
    for token in tokenize.generate_tokens(io.StringIO(line.strip()).readline):
        if token.type == tokenize.COMMENT:
            column = len(line) - len(line.lstrip()) + token.start[1] + 1
            raise ExpressionError("# begins a comment inside the expression", advice="take it out", column=column)


def _syntax_error(line: str, error: SyntaxError, start: int) -> ExpressionError:
    """Python's message, or a better one for what other languages write."""
    column = start + error.offset if error.offset else len(line.rstrip()) + 1
    bare = _QUOTED.sub(lambda found: "_" * len(found.group()), line)
    named = _KEYWORD_FIELD.search(bare)
    if named:
        word = named.group(1)
        return ExpressionError(
            f"{word} is a word of the language and cannot follow a dot",
            advice=f'write the field in brackets: ["{word}"]',
            column=named.start() + 1,
        )
    for pattern, found, advice in _FOREIGN:
        place = pattern.search(bare)
        if (place and "(" not in bare[: place.start()]) or (
            place and pattern.pattern.startswith(("&", r"\|", "!", r"\?"))
        ):
            return ExpressionError(found, advice=advice, column=place.start() + 1)
    if "too many nested parentheses" in str(error.msg):
        return _too_deep()
    if "Exceeds the limit" in str(error.msg):
        return ExpressionError("a number is too long", advice="write at most 100 digits", column=column)
    return ExpressionError(
        f"`{line.strip()}` is not an expression: {error.msg}",
        advice="check brackets, quotes and operators",
        column=column,
    )
