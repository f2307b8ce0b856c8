"""What is wrong with the settings of a connection, in one line."""

from __future__ import annotations

from pydantic import ValidationError


def wrong_in(error: ValidationError) -> str:
    """Each field with what is wrong about it; no value is told, as it may be a secret."""
    found = error.errors(include_input=False)
    told = ((".".join(map(str, one["loc"])), one["msg"].removeprefix("Value error, ")) for one in found)
    return "; ".join(": ".join(filter(None, one)) for one in told)
