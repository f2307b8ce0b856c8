"""The trace that what happens now belongs to, for calls of other systems: W3C Trace Context.

Whoever records traces sets it; whoever calls over HTTP sends it along. Without traces it is empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar

_traceparent: ContextVar[str] = ContextVar("traceparent", default="")


def enter_trace(traceparent: str) -> None:
    """From now on calls of this thread belong to this span; an empty text: to none."""
    _traceparent.set(traceparent)


def trace_headers() -> Mapping[str, str]:
    """The headers that an HTTP call should carry."""
    traceparent = _traceparent.get()
    return {"traceparent": traceparent} if traceparent else {}
