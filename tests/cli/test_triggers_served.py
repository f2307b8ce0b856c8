"""`start` serves every trigger of a workflow file: items appear, and are worked."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from cli_office import Office
from test_processes_commands import started

from connectors.webhook.signing import signature

FLOW = """\
workflow: served
inputs: {label: text, file: {type: file, required: false}}
triggers:
  - every: {every: 1s, name: beat, inputs: {label: "every ${{ schedule }}"}}
  - schedule: {cron: "* * * * * *", name: tick, inputs: {label: "cron ${{ fire_time.second >= 0 }}"}}
  - folder: {path: inbox, input: file, inputs: {label: "folder ${{ file.name }}"}}
  - webhook: {path: orders, secret: orders, inputs: {label: "hook ${{ body.number }}"}}
  - spreadsheet: {file: orders.csv, inputs: {label: "row ${{ row.number }}"}}
queue: {key: "${{ item.label }}"}
steps:
  - set: {a: 1}
"""
AFTER = """\
workflow: after
inputs: {label: text}
triggers:
  - queue: {workflow: served, inputs: {label: "after ${{ item.label }}"}}
steps:
  - set: {a: 1}
"""
EXPECTED = {"every served/beat", "cron true", "folder a.txt", "hook 7", "row 5"}


@pytest.fixture
def address(office: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], str]]:
    """`start` with the console; gives its address once it is there."""
    monkeypatch.setenv("CLERKWORK_CONSOLE__PORT", "0")
    monkeypatch.setenv("CLERKWORK_SECRET_ORDERS", "a long word")
    with started(office, "--json", "--workers", "1") as process:

        def wait() -> str:
            assert process.stdout is not None
            for line in process.stdout:
                if line.startswith("{") and "console" in (told := json.loads(line)):
                    return str(told["console"])
            raise AssertionError("the console never came")

        yield wait


def test_items_of_all_triggers_appear_and_are_worked(office: Office, address: Callable[[], str]) -> None:
    place = address()
    office.write("workflows/served.yaml", FLOW)
    office.write("workflows/after.yaml", AFTER)
    office.write("inbox/a.txt", "hello")
    Path(office.root / "orders.csv").write_text("number\n5\n")
    body, stamp = b'{"number": 7}', str(int(time.time()))
    headers = {
        "webhook-id": "m1",
        "webhook-timestamp": stamp,
        "webhook-signature": signature(b"a long word", "m1", stamp, body),
    }
    deadline = time.monotonic() + 60
    with httpx.Client(base_url=place, trust_env=False) as client:
        assert client.post("/hooks/other", content=body, headers=headers).status_code == 404
        while (answer := client.post("/hooks/orders", content=body, headers=headers)).status_code == 404:
            assert time.monotonic() < deadline
            time.sleep(0.2)
        assert (answer.status_code, answer.json()["new"]) == (202, True)
        forged = client.post("/hooks/orders", content=b'{"number": 8}', headers=headers)
        assert (forged.status_code, forged.json()) == (401, {"error": "the signature is not right"})
        assert client.post("/hooks/orders", content=b"x" * 1_100_000, headers=headers).status_code == 413
    done: set[str] = set()
    # The call may be worked before the scheduler has seen who follows it; the others come from the scheduler itself.
    wanted = EXPECTED | {f"after {label}" for label in EXPECTED if not label.startswith("hook")}
    while not wanted <= done:
        assert time.monotonic() < deadline, wanted - done
        time.sleep(0.5)
        lines = office("queue", "list", "--json", "--state", "done", "--limit", "1000").lines
        done = {line["inputs"]["label"] for line in lines}
