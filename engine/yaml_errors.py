"""What libyaml says about a broken file, in words that an author understands."""

from __future__ import annotations

from typing import Any

from engine.errors import Location, Problem

_QUOTE = 'put the whole value in quotes: "..."'
_PLAIN = "plain text or a number"
_EXPRESSION = 'put the expression in quotes: "${{ ... }}"'

# (part of libyaml's message, what was found, what was expected, what to do)
_TRANSLATIONS = (
    (
        "mapping values are not allowed",
        "a colon inside a value or a wrong indentation",
        "one `key: value` in a line",
        "",
    ),
    ("expected ',' or '}'", "a { } that does not end properly", "`key: value` pairs between commas, then }", ""),
    ("expected ',' or ']'", "a [ ] that does not end properly", "values between commas, then ]", ""),
    ("expected node content", "a [ or { without its end, or a missing value", "a value", ""),
    ("did not find expected key", "a line that does not fit", "a key at the indentation of its neighbours", ""),
    ("expected '-' indicator", "a line that does not fit", "`- ` at the indentation of the list", ""),
    ("could not find expected ':'", "a line without a colon", "`key: value`", "add the colon, or quote long text"),
    ("found unexpected end of stream", "a quote that is never closed", "a closing quote", "close it"),
    ("found unexpected document indicator", "a quote that is never closed", "a closing quote", "close it"),
    ("alphabetic or numeric character", "a value that begins with * or &", _PLAIN, 'put it in quotes: "*.pdf"'),
    ("cannot start any token", "a value that begins with {letter}", _PLAIN, _QUOTE),
    ("unknown escape character", "an unknown \\ escape in double quotes", "\\\\ for \\", "use single quotes"),
    ("block sequence entries are not allowed", "a `- ` where no list can begin", "the list in lines of its own", ""),
    ("undefined tag handle", "a value that begins with !", _PLAIN, _QUOTE),
    ("expected <document start>", "text after the end of the document", "one mapping", "check the indentation"),
    ("control characters are not allowed", "a control character", "text", "remove it"),
)


def translated(error: Any, text: str, file: str) -> Problem:
    """The problem with its place. `error` is a YAMLError of the parser."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:
        return _unreadable(error, text, file)
    message = str(getattr(error, "problem", "") or error)
    index = mark.index
    if "unexpected end of stream" in message and getattr(error, "context_mark", None) is not None:
        mark = error.context_mark  # where the quote opens says more than where the file ends
    place = Location(file, mark.line + 1, mark.column + 1)
    line = text.split("\n")[mark.line] if mark.line < text.count("\n") + 1 else ""
    for part, found, expected, advice in _TRANSLATIONS:
        if part in message:
            shown = found.replace("{letter}", text[index : index + 1] or "nothing")
            return Problem(place, shown, f"expected {expected}", advice or _advice(line))
    return Problem(place, f"the YAML is broken: {message}", "expected valid YAML", _advice(line))


def _advice(line: str) -> str:
    value = line.partition(": ")[2].lstrip()
    if "${{" in line and ": " in value and not value.startswith(("{", "[", "$", '"', "'")):
        return _QUOTE
    if "${{" in line:
        return _EXPRESSION
    return "check the indentation and the quotes around here"


def _unreadable(error: Any, text: str, file: str) -> Problem:
    """A character that YAML does not allow: the reader says its position only."""
    position = int(getattr(error, "position", 0) or 0)
    before = text.encode()[:position].decode(errors="ignore") if position else ""
    place = Location(file, before.count("\n") + 1, len(before) - before.rfind("\n"))
    return Problem(
        place, "a character that YAML does not allow", "expected text without control characters", "remove it"
    )
