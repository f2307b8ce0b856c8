"""The fixed table of functions that expressions may call. Nothing else can be called."""

from __future__ import annotations

from collections.abc import Mapping

from engine.functions import dates, digests, lists, money, texts
from engine.functions.function import Function

FUNCTIONS: Mapping[str, Function] = {
    function.name: function for module in (texts, dates, money, lists, digests) for function in module.TABLE
}

SYNONYMS: Mapping[str, str] = {
    "int": "integer",
    "float": "number",
    "Decimal": "number",
    "str": "text",
    "string": "text",
    "strip": "trim",
    "uppercase": "upper",
    "lowercase": "lower",
    "count": "len",
    "size": "len",
    "substring": "left",
    "concat": "join",
    "datetime": "date",
    "strftime": "format_date",
    "sort": "sorted",
    "list": "sorted",
    "hash": "sha256",
    "search": "regex",
    "coalesce": "default",
}
"""What people try first, and what it is called here."""

__all__ = ["FUNCTIONS", "SYNONYMS", "Function"]
