"""A trace for each run, as a collector gets it over HTTP: run, step, effect, and no word of what the item is about."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from fakes.shop import Shop
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from engine.events import Event
from engine.trace_context import trace_headers
from scheduler.traces import Tracing

FLOW = """\
workflow: shop
inputs: {n: {type: integer, required: false, default: 1}}
queue: {key: "ACME ${{ item.n }}"}
steps:
  - name: Twice
    set: {twice: "${{ item.n * 2 }}"}
  - name: Post
    if: ${{ item.n == 1 }}
    world.post: {world: WORLD, value: "ACME owes ${{ twice }}"}
    effect: {key: "ACME/${{ item.n }}"}
  - name: Refuse
    if: ${{ item.n == 2 }}
    fail: {code: NO_SELLER, message: "ACME is not known"}
"""


class Collector:
    """An OTLP receiver on a free port; it keeps every span."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.bodies: list[bytes] = []
        self.paths: set[str] = set()
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                collector.take(self.path, body)
                self.send_response(200)
                self.send_header("Content-Type", "application/x-protobuf")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def take(self, path: str, body: bytes) -> None:
        self.paths.add(path)
        self.bodies.append(body)
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            for scope in resource.scope_spans:
                self.spans += scope.spans

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def collector() -> Iterator[Collector]:
    made = Collector()
    yield made
    made.close()


def traced(tmp_path: Path, collector: Collector, number: int) -> tuple[Shop, list[str]]:
    """One item worked with traces on; the headers that a call of its effect would have carried."""
    shop = Shop(tmp_path, FLOW)
    tracing, carried = Tracing(collector.address, "worker"), list[str]()
    shop.engine.events.listen(tracing.hear)

    def note(event: Event) -> None:
        if event.name == "effect.begun":
            carried.append(trace_headers()["traceparent"])

    shop.engine.events.listen(note)
    shop.work(n=number)
    assert trace_headers() == {}
    tracing.close()
    return shop, carried


def shape(collector: Collector) -> dict[str, str]:
    """The name of each span and that of the one above it."""
    names = {span.span_id: span.name for span in collector.spans}
    return {span.name: names.get(span.parent_span_id, "") for span in collector.spans}


def test_an_item_is_one_trace_from_the_run_to_the_effect(tmp_path: Path, collector: Collector) -> None:
    traced(tmp_path, collector, 1)
    assert collector.paths == {"/v1/traces"}
    assert len({span.trace_id for span in collector.spans}) == 1
    assert shape(collector) == {
        "run shop": "",
        "step set": "run shop",
        "step world.post": "run shop",
        "effect world.post": "step world.post",
        "step fail": "run shop",
    }
    assert all(span.end_time_unix_nano >= span.start_time_unix_nano > 0 for span in collector.spans)


def test_calls_of_other_systems_carry_the_span_of_the_effect(tmp_path: Path, collector: Collector) -> None:
    _, carried = traced(tmp_path, collector, 1)
    (effect,) = [span for span in collector.spans if span.name == "effect world.post"]
    assert carried == [f"00-{effect.trace_id.hex()}-{effect.span_id.hex()}-01"]


def test_what_fails_is_marked_with_its_code(tmp_path: Path, collector: Collector) -> None:
    traced(tmp_path, collector, 2)
    (run,) = [span for span in collector.spans if span.name == "run shop"]
    told = {one.key: one.value.string_value for one in run.attributes}
    assert (told["clerkwork.state"], told["clerkwork.code"], run.status.code) == ("exception", "NO_SELLER", 2)
    assert all(span.end_time_unix_nano for span in collector.spans)


@pytest.mark.parametrize("number", [1, 2])
def test_nothing_of_the_item_stands_in_a_trace(number: int, tmp_path: Path, collector: Collector) -> None:
    traced(tmp_path, collector, number)
    assert collector.spans
    assert not any(b"ACME" in body for body in collector.bodies)


def test_a_collector_that_is_away_holds_nothing_up(tmp_path: Path, collector: Collector) -> None:
    shop = Shop(tmp_path, FLOW)
    collector.close()
    tracing = Tracing(collector.address, "worker")
    shop.engine.events.listen(tracing.hear)
    assert shop.work(n=1).outcome == "done"
    assert collector.spans == []
