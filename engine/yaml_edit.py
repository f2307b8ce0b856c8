"""Changes single texts of a YAML file and nothing else: comments, quotes and spacing elsewhere stay as they are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from engine.errors import WorkflowError
from engine.yaml_source import Mark, MarkedList, MarkedMapping, Source, parse_yaml

_UNSAFE = frozenset("[]{},:#&*!|>'\"%@`\\")


def replaced(source: Source, within: Any, old: str, new: str) -> tuple[str, list[int]]:
    """The file's text with each key or value `old` below `within` written as `new`, and the lines of the changes."""
    marks = sorted({mark for mark in _marks(within, old)}, key=lambda one: one.start, reverse=True)
    text, written = source.text, scalar(new)
    for mark in marks:
        text = text[: mark.start] + written + text[mark.end :]
    return text, sorted(mark.line + 1 for mark in marks)


def scalar(text: str) -> str:
    """A text as YAML: plain where that is the same text, else in double quotes."""
    plain = bool(text) and text == text.strip() and not _UNSAFE & set(text) and not text.startswith(("-", "?", "="))
    if plain:
        try:
            if parse_yaml(f"- {text}\n", "scalar").value == [text]:
                return text
        except WorkflowError:
            pass  # what does not stand alone is put in quotes
    return json.dumps(text, ensure_ascii=False)


def _marks(value: Any, text: str) -> Iterator[Mark]:
    """Where the text stands as a key or a value; a text over several lines is left alone."""
    if isinstance(value, MarkedMapping):
        for name, inner in value.items():
            if name == text:
                yield value.keys_at[name]
            yield from _of(inner, value.values_at[name], text)
    elif isinstance(value, MarkedList):
        for inner, mark in zip(value, value.values_at, strict=True):
            yield from _of(inner, mark, text)


def _of(inner: Any, mark: Mark, text: str) -> Iterator[Mark]:
    if inner == text and mark.style not in ("|", ">"):
        yield mark
    yield from _marks(inner, text)
