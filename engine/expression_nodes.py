"""Nodes of an expression, compiled to closures. What has no method here is not in the language."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from engine.budget import MAX_LIST, Budget, within
from engine.errors import ExpressionError
from engine.expression_names import CONSTANTS
from engine.functions import FUNCTIONS, SYNONYMS, Function
from engine.nearest import listed, suggestion
from engine.operators import BINARY, COMPARE, Binary, OperandError, negative, positive
from engine.values import described, entries_of, entry_of, field_of, number, place_of

Node = Callable[[Mapping[str, Any], Budget], Any]
Names = Mapping[str, Any]

MAX_DIGITS = 100
MAX_LABEL = 40
_TRUTHS = frozenset(
    {"contains", "startswith", "endswith", "match", "any", "all", "is_number", "is_date", "is_business_day"}
)
_WHAT = {
    ast.Lambda: "a lambda",
    ast.NamedExpr: "an assignment (:=)",
    ast.JoinedStr: "an f-string",
    ast.Set: "a set",
    ast.SetComp: "a set",
    ast.Starred: "a star (*)",
    ast.Await: "await",
    ast.Yield: "yield",
    ast.YieldFrom: "yield",
}


@dataclass(frozen=True, slots=True)
class Compiled:
    node: Node
    makes_lists: bool


def _constant(value: Any) -> Node:
    return lambda names, budget: value


class Compiler:
    """Compiles one expression. `text` is its source, for number literals and for what messages call a part of it."""

    def __init__(self, text: str) -> None:
        self.source = text.encode()
        self.makes_lists = False

    def compile(self, tree: ast.expr, *, condition: bool) -> Compiled:
        node = self._truth(tree) if condition and isinstance(tree, ast.BoolOp) else self.of(tree)
        return Compiled(node, self.makes_lists)

    def of(self, node: ast.expr) -> Node:
        method = getattr(self, f"_{type(node).__name__.lower()}", None)
        if method is None:
            what = _WHAT.get(type(node), f"`{self.label(node)}`")
            raise self.error(node, f"{what} is not in the expression language", "use names, operators and functions")
        made: Node = method(node)
        return made

    def label(self, node: ast.expr) -> str:
        text = self.source[node.col_offset : node.end_col_offset].decode()
        return text if len(text) <= MAX_LABEL else text[: MAX_LABEL - 3] + "..."

    def error(self, node: ast.expr | ast.keyword, found: str, advice: str) -> ExpressionError:
        column = len(self.source[: node.col_offset].decode()) + 1
        return ExpressionError(found, advice=advice, column=column)

    # -- values -----------------------------------------------------------------------------------------------------

    def _constant(self, node: ast.Constant) -> Node:
        value = node.value
        if isinstance(value, (bool, str)) or value is None:
            return _constant(value)
        if isinstance(value, (int, float)):
            return _constant(self._literal(node, value))
        raise self.error(
            node, f"{self.label(node)} is not in the expression language", "use text, a number, true or false"
        )

    def _literal(self, node: ast.Constant, value: int | float) -> Decimal:
        """A number exactly as written; through a float it would lose digits."""
        text = self.source[node.col_offset : node.end_col_offset].decode()
        try:
            made = Decimal(text if text[:2].lower() not in ("0x", "0o", "0b") else value)
        except InvalidOperation:
            raise self.error(node, f"{self.label(node)} is not a number", "write digits with a dot") from None
        if len(made.as_tuple().digits) > MAX_DIGITS:
            raise self.error(node, "a number is too long", f"write at most {MAX_DIGITS} digits")
        return number(made)

    def _name(self, node: ast.Name) -> Node:
        name = node.id
        if name in CONSTANTS:
            return _constant(CONSTANTS[name])

        def look(names: Names, budget: Budget) -> Any:
            try:
                return names[name]
            except KeyError:
                raise unknown_name(name, names) from None

        return look

    def _list(self, node: ast.List | ast.Tuple) -> Node:
        self.makes_lists = True
        entries = [self.of(entry) for entry in node.elts]
        return lambda names, budget: [entry(names, budget) for entry in entries]

    _tuple = _list

    def _dict(self, node: ast.Dict) -> Node:
        self.makes_lists = True
        pairs = []
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                raise self.error(value, "** is not in the expression language", "write each field")
            pairs.append((self.of(key), self.of(value)))

        def make(names: Names, budget: Budget) -> Any:
            return {_field_name(key(names, budget)): value(names, budget) for key, value in pairs}

        return make

    # -- parts of values --------------------------------------------------------------------------------------------

    def _attribute(self, node: ast.Attribute) -> Node:
        of, name, label = self.of(node.value), node.attr, self.label(node.value)

        def look(names: Names, budget: Budget) -> Any:
            value = of(names, budget)
            if type(value) is dict and name in value:
                return value[name]
            return field_of(value, name, label)

        return look

    def _subscript(self, node: ast.Subscript) -> Node:
        of, label = self.of(node.value), self.label(node.value)
        if isinstance(node.slice, ast.Slice):
            return self._slice_of(of, node.slice, label)
        index = self.of(node.slice)
        return lambda names, budget: entry_of(of(names, budget), index(names, budget), label)

    def _slice_of(self, of: Node, part: ast.Slice, label: str) -> Node:
        if part.step is not None:
            raise self.error(part.step, "a step in [a:b:c] is not in the expression language", "write [a:b]")
        lower = self.of(part.lower) if part.lower else _constant(None)
        upper = self.of(part.upper) if part.upper else _constant(None)

        def cut(names: Names, budget: Budget) -> Any:
            value = of(names, budget)
            if not isinstance(value, (str, list)):
                raise ExpressionError(f"{label} is {described(value)} and has no parts", advice="use text or a list")
            budget.size(value)
            return value[place_of(lower(names, budget), label) : place_of(upper(names, budget), label)]

        return cut

    # -- operators --------------------------------------------------------------------------------------------------

    def _binop(self, node: ast.BinOp) -> Node:
        operator = BINARY.get(type(node.op))
        if operator is None:
            raise self.error(
                node, f"the operator in `{self.label(node)}` is not in the expression language", "use + - * / // % **"
            )
        return self._joined(operator, node, self.of(node.left), self.of(node.right))

    def _joined(self, apply: Binary, node: ast.expr, left: Node, right: Node) -> Node:
        """An operator on two operands; its errors name the part of the expression that they are about."""
        label = self.label(node)

        def join(names: Names, budget: Budget) -> Any:
            try:
                return apply(left(names, budget), right(names, budget), budget)
            except OperandError as error:
                raise error.within(label) from None

        return join

    def _unaryop(self, node: ast.UnaryOp) -> Node:
        value = self.of(node.operand)
        match node.op:
            case ast.Not():
                return lambda names, budget: not value(names, budget)
            case ast.USub():
                return lambda names, budget: negative(value(names, budget))
            case ast.UAdd():
                return lambda names, budget: positive(value(names, budget))
        raise self.error(node, "~ is not in the expression language", "use `not`")

    def _compare(self, node: ast.Compare) -> Node:
        for operator, operand in zip(node.ops, node.comparators, strict=True):
            if isinstance(operator, (ast.Is, ast.IsNot)) and not _is_nothing(operand):
                raise self.error(node, "`is` only asks for none", "write == or !=")
        left = self.of(node.left)
        if len(node.ops) == 1:
            return self._joined(COMPARE[type(node.ops[0])], node, left, self.of(node.comparators[0]))
        links = [(COMPARE[type(op)], self.of(operand)) for op, operand in zip(node.ops, node.comparators, strict=True)]

        def chain(names: Names, budget: Budget) -> bool:
            one = left(names, budget)
            for compare, operand in links:
                other = operand(names, budget)
                if not compare(one, other, budget):
                    return False
                one = other
            return True

        return chain

    def _boolop(self, node: ast.BoolOp) -> Node:
        """As in Python, but true or false where one of the operands is that by its form: `total > 5 or problems`."""
        if any(_is_truth(operand) for operand in node.values):
            return self._truth(node)
        operands = [self.of(operand) for operand in node.values]
        stop_at = isinstance(node.op, ast.Or)

        def join(names: Names, budget: Budget) -> Any:
            value: Any = None
            seen_truth = False
            for operand in operands:
                value = operand(names, budget)
                seen_truth = seen_truth or isinstance(value, bool)
                if bool(value) is stop_at:
                    break
            return bool(value) if seen_truth else value

        return join

    def _truth(self, node: ast.expr) -> Node:
        """The node as true or false, `and` and `or` at every level of it."""
        if not isinstance(node, ast.BoolOp):
            return self.of(node)
        operands = [self._truth(operand) for operand in node.values]
        if isinstance(node.op, ast.Or):
            return lambda names, budget: any(operand(names, budget) for operand in operands)
        return lambda names, budget: all(operand(names, budget) for operand in operands)

    def _ifexp(self, node: ast.IfExp) -> Node:
        test, then, otherwise = self.of(node.test), self.of(node.body), self.of(node.orelse)
        return lambda names, budget: then(names, budget) if test(names, budget) else otherwise(names, budget)

    # -- functions --------------------------------------------------------------------------------------------------

    def _call(self, node: ast.Call) -> Node:
        function = self._function(node)
        signature = function.signature
        arguments = [self.of(argument) for argument in node.args]
        named: dict[str, Node] = {}
        for entry in node.keywords:
            if entry.arg is None:
                raise self.error(entry, "** is not in the expression language", "write each value")
            named[entry.arg] = self.of(entry.value)
        try:
            signature.bind(*arguments, **named)
        except TypeError as error:
            raise self.error(
                node, f"{function.name}(...) does not take these values: {error}", f"write {function.usage}"
            ) from None
        self.makes_lists = True
        return _calling(function, arguments, named)

    def _function(self, node: ast.Call) -> Function:
        if isinstance(node.func, ast.Attribute):
            name, of = node.func.attr, self.label(node.func.value)
            advice = f"write {name}({of})" if name in FUNCTIONS else "write function(value)"
            raise self.error(node, f"`{self.label(node.func)}(...)`: values have no methods", advice)
        if not isinstance(node.func, ast.Name):
            raise self.error(
                node, f"`{self.label(node.func)}` cannot be called", f"the functions are {listed(FUNCTIONS)}"
            )
        name = node.func.id
        if name in FUNCTIONS:
            return FUNCTIONS[name]
        if name in ("today", "now"):
            raise self.error(node, f"{name} is a value, not a function", f"write {name} without brackets")
        if name in SYNONYMS:
            raise self.error(node, f"there is no function {name}", f"did you mean {SYNONYMS[name]}?")
        advice = suggestion(name, FUNCTIONS, f"the functions are {', '.join(sorted(FUNCTIONS))}")
        raise self.error(node, f"there is no function {name}", advice)

    # -- comprehensions ---------------------------------------------------------------------------------------------

    def _listcomp(self, node: ast.ListComp | ast.GeneratorExp) -> Node:
        self.makes_lists = True
        element = self.of(node.elt)
        cost = 1 + _nodes(node.elt)
        loop = self._loops(node.generators)

        def make(names: Names, budget: Budget) -> list[Any]:
            made: list[Any] = []

            def one(inner: dict[str, Any]) -> None:
                budget.spend(cost)
                made.append(element(inner, budget))

            loop(dict(names), budget, one)
            within(made, MAX_LIST, "list", "entries")
            return made

        return make

    _generatorexp = _listcomp

    def _dictcomp(self, node: ast.DictComp) -> Node:
        self.makes_lists = True
        key, value = self.of(node.key), self.of(node.value)
        cost = 2 + _nodes(node.key) + _nodes(node.value)
        loop = self._loops(node.generators)

        def make(names: Names, budget: Budget) -> dict[str, Any]:
            made: dict[str, Any] = {}

            def one(inner: dict[str, Any]) -> None:
                budget.spend(cost)
                made[_field_name(key(inner, budget))] = value(inner, budget)

            loop(dict(names), budget, one)
            return made

        return make

    def _loops(self, generators: list[ast.comprehension]) -> Callable[..., None]:
        """`for x in xs if test for y in ys`: calls its last argument with the names of each turn."""
        head, *rest = generators
        if head.is_async:
            raise self.error(head.iter, "async is not in the expression language", "write for ... in ...")
        values, label = self.of(head.iter), self.label(head.iter)
        bind = self._target(head.target)
        tests = [self.of(test) for test in head.ifs]
        cost = 1 + sum(_nodes(test) for test in head.ifs)
        inner_loop = self._loops(rest) if rest else None

        def loop(names: dict[str, Any], budget: Budget, each: Callable[[dict[str, Any]], None]) -> None:
            for value in entries_of(values(names, budget), label):
                budget.spend(cost)
                bind(names, value)
                if all(test(names, budget) for test in tests):
                    if inner_loop is None:
                        each(names)
                    else:
                        # Its own names, so that a name it binds again does not stay for the next test.
                        inner_loop(dict(names), budget, each)

        return loop

    def _target(self, target: ast.expr) -> Callable[[dict[str, Any], Any], None]:
        if isinstance(target, ast.Name):
            name = target.id
            return lambda names, value: names.__setitem__(name, value)
        if isinstance(target, ast.Tuple) and all(isinstance(entry, ast.Name) for entry in target.elts):
            parts = [entry.id for entry in target.elts if isinstance(entry, ast.Name)]

            def bind(names: dict[str, Any], value: Any) -> None:
                if not isinstance(value, list) or len(value) != len(parts):
                    raise ExpressionError(
                        f"{described(value)} cannot be taken apart into {', '.join(parts)}", advice="use one name"
                    )
                names.update(zip(parts, value, strict=True))

            return bind
        raise self.error(target, f"`{self.label(target)}` cannot be bound", "write a name after for")


def unknown_name(name: str, names: Names) -> ExpressionError:
    """The error for a name that is not in scope, with the nearest that is."""
    if name in FUNCTIONS:
        return ExpressionError(f"{name} is a function", advice=f"write {FUNCTIONS[name].usage}")
    known = [str(key) for key in names]
    return ExpressionError(
        f"there is no name {name}", advice=suggestion(name, known, f"the names here are {listed(known)}")
    )


def _calling(function: Function, arguments: list[Node], named: dict[str, Node]) -> Node:
    call, metered, quick = function.call, function.metered, function.quick

    def run(names: Names, budget: Budget) -> Any:
        budget.spend(2)
        given = [argument(names, budget) for argument in arguments]
        by_name = {name: value(names, budget) for name, value in named.items()}
        if quick:
            return call(*given, **by_name)
        for value in (*given, *by_name.values()):
            budget.size(value)
        made = call(budget, *given, **by_name) if metered else call(*given, **by_name)
        budget.size(made)
        return made

    return run


def _field_name(key: Any) -> str:
    if not isinstance(key, str):
        raise ExpressionError(f"a field cannot be named by {described(key)}", advice="name it by text")
    return key


def _nodes(node: ast.expr) -> int:
    """How many closures one evaluation of the node calls, about."""
    return sum(isinstance(inner, ast.expr) for inner in ast.walk(node))


def _is_nothing(node: ast.expr) -> bool:
    if isinstance(node, ast.Name):
        return node.id in ("none", "null")
    return isinstance(node, ast.Constant) and node.value is None


def _is_truth(node: ast.expr) -> bool:
    """Whether the node gives true or false by its form."""
    match node:
        case ast.Compare() | ast.UnaryOp(op=ast.Not()) | ast.Constant(value=bool()):
            return True
        case ast.Name(id=name):
            return name in ("true", "false")
        case ast.BoolOp():
            return any(_is_truth(operand) for operand in node.values)
        case ast.Call(func=ast.Name(id=name)):
            return name in _TRUTHS
    return False
