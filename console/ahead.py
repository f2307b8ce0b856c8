"""The next item at hand: a page fetches it while a person is at this one, and shows it at once if it is as it was."""

from __future__ import annotations

import hashlib

from fastapi import Request, Response

from console.outcome import outcome_of
from console.pages import pages_of
from console.sessions import Viewer
from engine import acts, codec, exceptions
from engine.store.database import Row, Transaction

PRELOAD = "x-preload"
"""The header of a page that is fetched before anybody opens it."""
AHEAD = "x-ahead"
"""The header of a decision whose page has the next one at hand."""


def is_preload(request: Request) -> bool:
    """Whether nobody looks at this page yet."""
    return PRELOAD in request.headers


def mark_of(transaction: Transaction, exception: Row) -> str:
    """Changes when an exception's page has something else to say: what is wrong, whose it is, what people wrote."""
    shown = [exceptions.seen_hash(exception), exception["closed"], exception["snoozed"]]
    shown += [exception["holder"], exception["assigned"]]
    said = [row["id"] for row in acts.of_item(transaction, str(exception["item"]))]
    return hashlib.sha256(codec.dumps([shown, said]).encode()).hexdigest()[:24]


def decided(
    request: Request, viewer: Viewer, transaction: Transaction, exception: str, goal: str | None, place: str
) -> Response | None:
    """What became of a decision, for a page that goes on by itself to `place`; None where the browser goes there."""
    if AHEAD not in request.headers:
        return None
    mark = mark_of(transaction, exceptions.find(transaction, goal)) if goal is not None else ""
    outcome = outcome_of(transaction, exception)
    answer = pages_of(request).show(request, viewer, "case_outcome.html", outcome=outcome)
    answer.headers.update({"x-place": place, "x-mark": mark})
    return answer
