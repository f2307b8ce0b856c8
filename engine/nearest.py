"""The nearest right name to one that was mistyped."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

LISTED = 12


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that `name` was probably meant to be, or None if nothing is near."""
    names = {entry.lower(): entry for entry in known}
    found = difflib.get_close_matches(name.lower(), names, n=1, cutoff=0.6)
    if found:
        return names[found[0]]
    # `create_bill` for `erp.create_bill`: the right end of a dotted name is near enough.
    ends = [entry for entry in names.values() if "." in entry and entry.rpartition(".")[2] == name]
    return ends[0] if len(ends) == 1 else None


def suggestion(name: str, known: Iterable[str], otherwise: str) -> str:
    """Advice: `did you mean total?`, else the sentence given."""
    near = nearest(name, known)
    return f"did you mean {near}?" if near is not None else otherwise


def listed(known: Iterable[str]) -> str:
    """The known names for a message, in order, cut where they become too many."""
    names = sorted(known)
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return (", ".join(names[:LISTED]) + more) or "none"
