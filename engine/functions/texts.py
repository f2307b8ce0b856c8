"""Functions on text."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from engine.budget import MAX_LIST, MAX_TEXT, Budget, too_long, within
from engine.errors import ExpressionError
from engine.functions.function import Function, expects, list_of, text_of, whole_of
from engine.operators import contains as is_in
from engine.values import as_text

MAX_PATTERN = 500
MAX_SEARCHED = 100_000
MAX_WIDTH = 10_000


def upper(value: Any) -> str:
    """The text in capitals."""
    return text_of("upper", value).upper()


def lower(value: Any) -> str:
    """The text in small letters."""
    return text_of("lower", value).lower()


def title(value: Any) -> str:
    """The text with each word beginning with a capital."""
    return text_of("title", value).title()


def trim(value: Any) -> str:
    """The text without white space at both ends, and with single spaces inside."""
    return " ".join(text_of("trim", value).split())


def replace(value: Any, old: Any, new: Any) -> str:
    """Every `old` in the text replaced by `new`."""
    text, before, after = text_of("replace", value), text_of("replace", old), text_of("replace", new)
    if not before:
        raise expects("replace", "a text to replace that is not empty", old)
    if len(text) + text.count(before) * max(0, len(after) - len(before)) > MAX_TEXT:
        raise too_long("text", MAX_TEXT, "characters")
    return text.replace(before, after)


def split(value: Any, separator: Any = None) -> list[str]:
    """A list of the parts of the text between `separator`; between white space if none is given."""
    text = text_of("split", value)
    if separator is not None and not text_of("split", separator):
        raise expects("split", "a separator that is not empty", separator)
    parts = text.split(separator, MAX_LIST)
    within(parts, MAX_LIST, "list", "entries")
    return parts


def join(values: Any, separator: Any = ", ") -> str:
    """One text from the entries of a list, with `separator` between them."""
    parts = [as_text(entry) for entry in list_of("join", values)]
    between = text_of("join", separator)
    if sum(map(len, parts)) + len(between) * len(parts) > MAX_TEXT:
        raise too_long("text", MAX_TEXT, "characters")
    return between.join(parts)


def contains(budget: Budget, value: Any, part: Any) -> bool:
    """Whether a text holds a part, a list an entry, or a mapping a field."""
    return is_in(part, value, budget)


def startswith(value: Any, start: Any) -> bool:
    """Whether the text begins with `start`."""
    return text_of("startswith", value).startswith(text_of("startswith", start))


def endswith(value: Any, end: Any) -> bool:
    """Whether the text ends with `end`."""
    return text_of("endswith", value).endswith(text_of("endswith", end))


def left(value: Any, count: Any) -> str:
    """The first `count` characters."""
    return text_of("left", value)[: max(0, whole_of("left", count))]


def right(value: Any, count: Any) -> str:
    """The last `count` characters."""
    wanted = max(0, whole_of("right", count))
    return text_of("right", value)[-wanted:] if wanted else ""


def pad(value: Any, width: Any, fill: Any = "0") -> str:
    """The value as text, filled on its left up to `width`: pad(7, 4) is 0007."""
    wanted, filler = whole_of("pad", width), text_of("pad", fill)
    if wanted > MAX_WIDTH:
        raise too_long("text", MAX_WIDTH, "characters")
    if len(filler) != 1:
        raise expects("pad", "one character to fill with", fill)
    return as_text(value).rjust(wanted, filler)


def slug(value: Any) -> str:
    """The text in small letters, digits and hyphens, fit for a file name: `Müller & Söhne` is `mueller-soehne`."""
    text = text_of("slug", value).lower()
    for letter, plain in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        text = text.replace(letter, plain)
    plain_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain_text).strip("-")


def text_(value: Any) -> str:
    """The value as text: numbers without exponent, dates as 2026-03-31."""
    return as_text(value)


def search(budget: Budget, value: Any, pattern: Any) -> str | None:
    """The first place that the pattern (a regular expression) matches: its group if it has one; none if nowhere."""
    found = _matched(budget, "regex", value, pattern, whole=False)
    if found is None:
        return None
    part = found.group(1) if found.re.groups else found.group()
    return None if part is None else str(part)


def match(budget: Budget, value: Any, pattern: Any) -> bool:
    """Whether the whole text has the form of the pattern (a regular expression)."""
    return _matched(budget, "match", value, pattern, whole=True) is not None


def _matched(budget: Budget, name: str, value: Any, pattern: Any, *, whole: bool) -> Any:
    """The match or None. A pattern that runs away is stopped: `regex` looks at its clock, `re` cannot."""
    import time

    import regex

    text, form = text_of(name, value), text_of(name, pattern)
    within(form, MAX_PATTERN, "pattern", "characters")
    within(text, MAX_SEARCHED, "text to search", "characters")
    budget.spend(20)
    began = time.thread_time()
    try:
        compiled = regex.compile(form)
        find = compiled.fullmatch if whole else compiled.search
        found = find(text, timeout=max(budget.regex_seconds, 0.001))
    except regex.error as error:
        raise ExpressionError(
            f"{name}(...) was given the pattern {form!r}, which is not a regular expression: {error}",
            advice="correct the pattern; `\\\\.` stands for a dot",
        ) from None
    except TimeoutError:
        raise ExpressionError(
            f"{name}(...) takes too long with the pattern {form!r}", advice="do not repeat what is repeated: `(a+)+`"
        ) from None
    budget.regex_seconds -= time.thread_time() - began
    if budget.regex_seconds < 0:
        raise ExpressionError("the patterns of the expression take too long", advice="search less or smaller text")
    return found


TABLE = (
    Function("upper", upper),
    Function("lower", lower),
    Function("title", title),
    Function("trim", trim),
    Function("replace", replace),
    Function("split", split),
    Function("join", join),
    Function("contains", contains, metered=True),
    Function("startswith", startswith),
    Function("endswith", endswith),
    Function("left", left),
    Function("right", right),
    Function("pad", pad),
    Function("slug", slug),
    Function("text", text_),
    Function("regex", search, metered=True),
    Function("match", match, metered=True),
)
