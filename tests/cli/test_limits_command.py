"""What holds items back is told where one looks for them, and a person can let a connection go on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from cli_office import Office

from engine import admission
from engine.admission import Limits
from engine.clock import SystemClock
from engine.store.database import Database
from scheduler import presence

RUNNER = Path(__file__).parents[2] / "runner.py"
NEEDY = """\
workflow: needy
inputs: {n: integer}
queue: {key: "${{ item.n }}", needs: [region=eu, browser]}
steps:
  - set: {a: 1}
"""
CONNECTIONS = """\
erp:
  system: tryton
  url: http://127.0.0.1:1
  limits: {at_once: 2, rate: 30 per minute, stop_after: 5, rest: 2m}
"""


@pytest.fixture
def needy(office: Office) -> Office:
    office.write("workflows/needy.yaml", NEEDY)
    office.write("config/connections.yaml", CONNECTIONS)
    assert office("queue", "add", "needy", "--item", "n=1").code == 0
    return office


def worker(office: Office, *needs: str) -> None:
    offered = [part for need in needs for part in ("--needs", need)]
    command = [sys.executable, str(RUNNER), "worker", "--until-idle", "--project", str(office.root), *offered]
    subprocess.run(command, check=True, capture_output=True)


def states(office: Office) -> list[str]:
    return [row["state"] for row in office("queue", "list", "--json").lines if "state" in row]


def test_an_item_that_no_worker_can_do_is_told_of_and_done_by_the_one_that_can(needy: Office) -> None:
    told = needy("queue", "list").out
    assert (
        "no worker is there that can do what needy needs: region=eu, browser; start one with `worker --needs`" in told
    )
    worker(needy)
    worker(needy, "browser")
    assert states(needy) == ["ready"]
    worker(needy, "browser", "region=eu")
    assert states(needy) == ["done"]


def test_doctor_tells_what_the_workers_offer_and_what_none_of_them_can_do(needy: Office) -> None:
    store, now = Database(f"sqlite:///{needy.root}/data/clerkwork.db"), SystemClock().now()
    with store.write() as transaction:
        presence.announce(transaction, "a", "worker", "pc1", now, ["browser"])
        presence.announce(transaction, "b", "worker", "pc2", now, ["region=eu"])
        presence.announce(transaction, "c", "scheduler", "pc1", now)
    (row,) = [row for row in needy("doctor", "--json").lines if row.get("check") == "processes"]
    assert (row["state"], row["found"]) == (
        "warning",
        "1 scheduler, 2 worker on pc1, pc2; the workers offer browser, region=eu. "
        "No worker can do all of this: needy needs region=eu",
    )
    with store.write() as transaction:
        presence.announce(transaction, "d", "worker", "pc2", now, ["browser", "region=eu"])
    store.close()
    (row,) = [row for row in needy("doctor", "--json").lines if row.get("check") == "processes"]
    assert row["state"] == "ok"


def test_a_connection_at_rest_is_told_of_and_used_again_when_a_person_says_so(needy: Office) -> None:
    store = Database(f"sqlite:///{needy.root}/data/clerkwork.db")
    with store.write() as transaction:
        admission.failed(transaction, "erp", Limits(stop_after=1), SystemClock().now(), "it refuses", None)
    store.close()
    (line,) = [line for line in needy("queue", "list").out.splitlines() if line.startswith("the connection")]
    assert line.startswith("the connection erp rests until 20")
    assert line.endswith("1 failures in a row: it refuses; `queue resume --connection erp` lets it go on")
    assert needy("queue", "resume", "--connection", "erp", "--json").lines == [{"connection": "erp", "rests": False}]
    assert "rests until" not in needy("queue", "list").out


def test_a_connection_that_is_not_known_cannot_go_on(needy: Office) -> None:
    refused = needy("queue", "resume", "--connection", "epr")
    assert refused.code == 2
    assert "there is no connection epr; did you mean erp?" in refused.err
    assert "queue resume takes a WORKFLOW or --connection" in needy("queue", "resume").err


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        ("{rate: often}", "rate is 'often', expected so many in a length of time, for example 30 per minute"),
        ("{at_once: 0}", "at_once of the limits of erp: Input should be greater than or equal to 1"),
        ("{atonce: 2}", "atonce of the limits of erp: Extra inputs are not permitted; write limits as {at_once: 2,"),
        ("{rest: soon}", "rest: 'soon' is not a length of time"),
    ],
)
def test_limits_that_cannot_be_read_are_refused_with_their_place(needy: Office, limits: str, told: str) -> None:
    needy.write("config/connections.yaml", f"erp:\n  system: tryton\n  limits: {limits}\n")
    refused = needy("queue", "add", "needy", "--item", "n=2")
    assert refused.code == 2
    assert "config/connections.yaml:3:" in refused.err
    assert told in refused.err


@pytest.mark.parametrize(("field", "told"), [("rate: 3", "30 per minute"), ("needs: {a: 1}", "list")])
def test_a_queue_whose_limits_cannot_be_read_is_refused_by_check(office: Office, field: str, told: str) -> None:
    office.write("workflows/wrong.yaml", f"workflow: wrong\nqueue: {{{field}}}\nsteps:\n  - set: {{a: 1}}\n")
    refused = office("check", "workflows/wrong.yaml")
    assert refused.code == 2
    assert "wrong.yaml:2:" in refused.out + refused.err
    assert told in refused.out + refused.err
