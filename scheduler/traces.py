"""One trace for each run of an item, by OpenTelemetry: run, step, effect, with what happened inside as events.

Attributes are names of workflows, actions and states, and opaque ids; never a value, a key or a text of an item.
"""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, StatusCode

from engine.events import Event
from engine.trace_context import enter_trace

PATH = "/v1/traces"
_ENDS = ("item.done", "item.exception", "item.failed", "item.waiting", "item.uncertain", "item.put_off", "item.lost")
_BAD = ("item.exception", "item.failed", "item.uncertain", "item.lost")
_SHOWN = ("action", "code", "workflow")


class Tracing:
    """Listens to the events of one process. A worker works one item at a time, so one stack of spans is enough.

    `endpoint` is where the collector listens, with or without the path `/v1/traces`. Spans go out in the background;
    a collector that does not answer costs spans and holds nothing up.
    """

    def __init__(self, endpoint: str, kind: str) -> None:
        url = endpoint if urlsplit(endpoint).path.strip("/") else endpoint.rstrip("/") + PATH
        resource = Resource({"service.name": "clerkwork", "clerkwork.process": kind})
        self._provider = TracerProvider(resource=resource)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=url, timeout=5)))
        self._tracer = self._provider.get_tracer("clerkwork")
        self._open: list[tuple[str, Span]] = []

    def close(self) -> None:
        """Send what is left, for some seconds at most."""
        while self._open:
            self._end(datetime.now().astimezone())
        self._provider.shutdown()

    def hear(self, event: Event) -> None:
        family, _, what = event.name.partition(".")
        if event.name == "item.claimed":
            while self._open:
                self._end(event.at)
            self._begin("", f"run {event.data.get('workflow', '')}", event)
        elif not self._open:
            return
        elif event.name in _ENDS:
            self._finish(event)
        elif family in ("step", "effect") and what == "begun":
            self._begin(f"{family} {event.path}", f"{family} {event.data.get('action', '')}", event)
        elif family in ("step", "effect"):
            self._ended(f"{family} {event.path}", event, what)
        else:
            # What a bot did: its name tells enough, its data may hold what stood on a page.
            self._open[-1][1].add_event(event.name, timestamp=_nanoseconds(event.at))

    def _begin(self, mark: str, name: str, event: Event) -> None:
        parent = trace.set_span_in_context(self._open[-1][1]) if self._open else None
        shown = {f"clerkwork.{key}": str(event.data[key]) for key in _SHOWN if key in event.data}
        shown |= {"clerkwork.item": event.item, "clerkwork.run": event.run}
        kind = SpanKind.CLIENT if mark.startswith("effect") else SpanKind.INTERNAL
        span = self._tracer.start_span(name, parent, kind, shown, start_time=_nanoseconds(event.at))
        self._open.append((mark, span))
        self._enter()

    def _ended(self, mark: str, event: Event, what: str) -> None:
        if mark not in (name for name, _ in self._open):
            return
        while self._open[-1][0] != mark:
            self._end(event.at)
        span = self._open[-1][1]
        span.set_attribute("clerkwork.status", what)
        if "code" in event.data:
            span.set_attribute("clerkwork.code", str(event.data["code"]))
        if what in ("retry", "not_done", "open"):
            span.set_status(StatusCode.ERROR, what)
        self._end(event.at)

    def _finish(self, event: Event) -> None:
        """The run is over: what is open below it ends with it, badly if it did."""
        state = event.name.partition(".")[2]
        code = str(event.data.get("code", ""))
        while self._open:
            span = self._open[-1][1]
            if event.name in _BAD:
                span.set_status(StatusCode.ERROR, code or state)
            if len(self._open) == 1:
                span.set_attribute("clerkwork.state", state)
                if code:
                    span.set_attribute("clerkwork.code", code)
            self._end(event.at)

    def _end(self, at: datetime) -> None:
        self._open.pop()[1].end(_nanoseconds(at))
        self._enter()

    def _enter(self) -> None:
        if not self._open:
            enter_trace("")
            return
        here = self._open[-1][1].get_span_context()
        enter_trace(f"00-{here.trace_id:032x}-{here.span_id:016x}-{int(here.trace_flags) & 1:02x}")


def _nanoseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000) * 1_000
