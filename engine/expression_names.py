"""The names that an expression refers to, for the check before a run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

CONSTANTS = {"true": True, "false": False, "none": None, "null": None}
"""Also in small letters, as YAML has them."""


Comprehension: TypeAlias = ast.ListComp | ast.GeneratorExp | ast.DictComp


@dataclass(frozen=True, slots=True)
class Reference:
    """`invoice.seller.name` is `("invoice", "seller", "name")`; it ends before an index. `column` counts from one."""

    path: tuple[str, ...]
    column: int

    def __str__(self) -> str:
        return ".".join(self.path)


def references(tree: ast.expr, text: str) -> tuple[Reference, ...]:
    """Every outermost path, in the order written; names bound by a comprehension are its own."""
    found = tuple(_found(tree, frozenset()))
    if text.isascii():
        return found
    source = text.encode()  # Python counts columns in bytes
    return tuple(Reference(entry.path, len(source[: entry.column - 1].decode()) + 1) for entry in found)


def _found(node: ast.AST, bound: frozenset[str]) -> Iterator[Reference]:
    path = _path(node)
    if path is not None:
        assert isinstance(node, ast.expr)
        if path[0] not in bound and not (len(path) == 1 and path[0] in CONSTANTS):
            yield Reference(path, node.col_offset + 1)
        return
    if isinstance(node, (ast.ListComp, ast.GeneratorExp, ast.DictComp)):
        yield from _in_comprehension(node, bound)
        return
    children: Iterator[ast.AST] = ast.iter_child_nodes(node)
    if isinstance(node, ast.Call):
        children = iter([*node.args, *(entry.value for entry in node.keywords)])
    for child in children:
        yield from _found(child, bound)


def _in_comprehension(
    node: ast.ListComp | ast.GeneratorExp | ast.DictComp, bound: frozenset[str]
) -> Iterator[Reference]:
    for part in node.generators:
        yield from _found(part.iter, bound)
        bound |= {name.id for name in ast.walk(part.target) if isinstance(name, ast.Name)}
        for test in part.ifs:
            yield from _found(test, bound)
    for made in [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]:
        yield from _found(made, bound)


def _path(node: ast.AST) -> tuple[str, ...] | None:
    """The path of `a.b["c"]`, or None for anything else, such as `a[0].b`."""
    if isinstance(node, ast.Name):
        return (node.id,)
    if isinstance(node, ast.Attribute):
        before = _path(node.value)
        return None if before is None else (*before, node.attr)
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str):
        before = _path(node.value)
        return None if before is None else (*before, node.slice.value)
    return None
