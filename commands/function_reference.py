"""The reference of the functions of expressions, as the page in docs; made from the functions themselves."""

from __future__ import annotations

from collections.abc import Mapping

from engine.functions.function import Function

HEAD = """# Functions of expressions

What `${{ }}` can call; made by `make docs` from the functions themselves. Nothing else can be called.

| function | gives |
|---|---|
"""


def function_page(functions: Mapping[str, Function]) -> str:
    """One line for each function, by name."""
    lines = [f"| `{functions[name].usage}` | {_one_line(functions[name].summary)} |" for name in sorted(functions)]
    return HEAD + "\n".join(lines) + "\n"


def _one_line(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
