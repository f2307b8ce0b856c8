"""`test`: workflow tests, what they say when they fail, and that nothing outside is reached."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar

import pytest
from cli_office import Office

BOOKING = """\
workflow: booking
inputs: {number: text, total: number}
steps:
  - name: Is it booked?
    erp.find_bill: {connection: erp, vendor: ACME, number: "${{ item.number }}"}
    as: existing
  - name: Stop a second copy
    if: ${{ existing.found }}
    fail: {code: DUPLICATE, message: "${{ item.number }} is booked already"}
  - name: Book it
    erp.create_bill:
      connection: erp
      bill:
        number: ${{ item.number }}
        issue_date: 2026-03-02
        currency: EUR
        seller: {name: ACME}
        net_total: ${{ item.total }}
        tax_total: 0
        total: ${{ item.total }}
    effect: {key: "ACME/${{ item.number }}"}
    as: bill
outputs: {bill: "${{ bill.id }}", total: "${{ bill.total }}"}
"""
GIVEN = "given: {erp: {erp: {bills: [{party: ACME, number: R-1, total: 50}]}}}"


def cases(*tests: str) -> str:
    return "tests:\n" + "".join(f"  - {{name: case {number}, {test}}}\n" for number, test in enumerate(tests, 1))


@pytest.fixture
def desk(office: Office) -> Office:
    office.write("workflows/booking.yaml", BOOKING)
    return office


def test_a_workflow_is_tested_against_a_fake_erp(desk: Office) -> None:
    booked = "{party: ACME, number: R-2, total: 119.00, state: posted}"
    effect = "{step: Book it, action: erp.create_bill, key: ACME/R-2, input: {bill: {total: 119}}}"
    desk.write(
        "workflows/booking.test.yaml",
        cases(
            f"item: {{number: R-1, total: 50}}, {GIVEN}, expect: {{outcome: exception, code: DUPLICATE, message: booked already, effects: []}}",
            f"item: {{number: R-2, total: 119}}, {GIVEN}, expect: {{outcome: done, outputs: {{total: 119.00}}, fields: {{existing.found: false}}, "
            f"effects: [{effect}], erp: {{erp: {{bills: [{{number: R-1}}, {booked}]}}}}}}",
        ),
    )
    answer = desk("test")
    assert (answer.code, answer.out.splitlines()[-1]) == (0, "2 passed, 0 failed"), answer.out


@pytest.mark.parametrize(
    ("fault", "effects"),
    [
        ("crash after: Book it", 1),
        ("crash before: Book it", 1),
        ("fail after: Book it", 1),
        ("fail before: Book it, times: 2", 1),
        ("crash after: Is it booked?", 1),
    ],
)
def test_whatever_goes_wrong_the_bill_is_booked_once(desk: Office, fault: str, effects: int) -> None:
    desk.write(
        "workflows/booking.test.yaml",
        cases(
            f"item: {{number: R-2, total: 119}}, given: {{erp: {{erp: {{}}}}}}, faults: [{{{fault}}}], "
            "expect: {outcome: done, erp: {erp: {bills: [{number: R-2, state: posted}]}}}"
        ),
    )
    answer = desk("test")
    assert answer.code == 0, answer.out


def test_a_failure_says_where_what_was_expected_and_what_came(desk: Office) -> None:
    desk.write(
        "workflows/booking.test.yaml",
        cases(
            f"item: {{number: R-1, total: 50}}, {GIVEN}, expect: {{outcome: done, effects: [{{action: erp.create_bill}}]}}"
        ),
    )
    answer = desk("test", "workflows/booking.yaml")
    assert answer.code == 1
    assert answer.out.splitlines()[4:] == [
        "workflows/booking.test.yaml:2:5: case 1",
        "  outcome",
        "    - expected done",
        "    + came     exception (DUPLICATE: R-1 is booked already)",
        "  effects (how many)",
        "    - expected 1: [{action: erp.create_bill, status: done}]",
        "    + came     0: []",
        "",
        "0 passed, 1 failed",
    ]
    (line,) = desk("test", "--json").lines
    assert (line["passed"], line["outcome"], line["differences"][0]["where"]) == (False, "exception", "outcome")


def test_a_fault_that_never_happens_fails_the_test(desk: Office) -> None:
    desk.write(
        "workflows/booking.test.yaml",
        cases(
            f"item: {{number: R-1, total: 50}}, {GIVEN}, faults: [{{crash after: Book it}}], expect: {{code: DUPLICATE}}"
        ),
    )
    assert "expected crash after Book it to happen" in desk("test").out


def test_no_real_system_is_reached(desk: Office) -> None:
    desk.write("config/connections.yaml", "erp: {system: tryton, url: 'http://127.0.0.1:9', database: d, user: u, password: {secret: real}}")  # fmt: skip
    desk.write("workflows/booking.test.yaml", cases("item: {number: R-1, total: 50}, expect: {outcome: done}"))
    answer = desk("test")
    assert answer.code == 1
    assert "the test gives nothing for the connection erp, and a test reaches no real system" in answer.out


def test_all_problems_of_a_test_file_are_told_with_line_and_column(desk: Office) -> None:
    desk.write(
        "workflows/booking.test.yaml",
        """\
tests:
  - name: wrong in many ways
    item: {numbr: R-1}
    given: {web: none.yaml}
    faults: [{crash after: Book them}]
    expect: {outcome: done, fields: {bil.total: 1}, outputs: {totl: 1}}
  - name: lacks what to expect
    item: {number: R-1}
""",
    )
    told = [line.partition(";")[0] for line in desk("check").out.splitlines()]
    assert "workflows/booking.test.yaml:7:5: tests.1 of the file lacks expect" in told
    file = desk.root / "workflows/booking.test.yaml"
    desk.write("workflows/booking.test.yaml", file.read_text().partition("  - name: lacks")[0])
    answer = desk("check", "workflows/booking.test.yaml")
    assert answer.code == 2
    assert [line.partition(";")[0] for line in answer.out.splitlines()[:-1]] == [
        "workflows/booking.test.yaml:3:12: numbr is not an input of booking",
        "workflows/booking.test.yaml:4:18: no file workflows/none.yaml",
        "workflows/booking.test.yaml:5:28: 'Book them' is nowhere in the workflow",
        "workflows/booking.test.yaml:6:38: bil is not the result of a step (`as`)",
        "workflows/booking.test.yaml:6:63: totl is not an output of the workflow",
    ]
    assert "did you mean number?" in answer.out
    assert desk("test").code == 2


def test_a_project_without_tests_says_so(desk: Office) -> None:
    answer = desk("test")
    assert answer.code == 2
    assert "there are no workflow tests" in answer.err


DECIDED = """\
workflow: decided
inputs: {total: number}
steps:
  - name: Look at it
    review: {assign: clerks, show: [item.total]}
  - name: Approve it
    approve: {by: lead, not: otto, show: [item.total]}
    as: yes_
  - name: Stop
    if: ${{ item.total > 100 }}
    fail: {code: TOO_MUCH, message: "${{ item.total }} is too much"}
outputs: {by: "${{ yes_.by }}"}
"""


def test_what_people_decide_is_told_in_the_test(office: Office) -> None:
    office.write("workflows/decided.yaml", DECIDED)
    looked, said = "{at: Look at it, by: ada, approve: yes}", "{at: Approve it, by: lea, approve: as agreed}"
    office.write(
        "workflows/decided.test.yaml",
        cases(
            f"item: {{total: 5}}, decisions: [{looked}, {said}], expect: {{outcome: done, outputs: {{by: lea}}}}",
            f"item: {{total: 5}}, decisions: [{looked}, {{by: lea, reject: too dear}}], "
            "expect: {code: REJECTED, message: 'rejected by lea: too dear', effects: []}",
            f"item: {{total: 500}}, decisions: [{looked}, {said}, {{at: Stop, retry: yes}}], "
            "expect: {outcome: exception, code: TOO_MUCH}",
            "item: {total: 5}, expect: {outcome: waiting, step: Look at it}",
        ),
    )
    answer = office("test")
    assert answer.out.splitlines()[-1] == "4 passed, 0 failed", answer.out


def test_a_decision_that_may_not_be_taken_or_never_is_fails_the_test(office: Office) -> None:
    office.write("workflows/decided.yaml", DECIDED)
    looked = "{by: ada, approve: yes}"
    office.write(
        "workflows/decided.test.yaml",
        cases(
            f"item: {{total: 5}}, decisions: [{looked}, {{by: otto, approve: yes}}], expect: {{outcome: done}}",
            "item: {total: 5}, decisions: [{at: Approve it, by: lea, approve: yes}], expect: {outcome: waiting}",
            f"item: {{total: 5}}, decisions: [{looked}, {looked}, {looked}], expect: {{outcome: done}}",
        ),
    )
    told = office("test").out
    assert "decision of otto\n    - expected to be taken\n    + came     otto may not approve this item" in told
    assert "decision of lea\n    - expected the item at Approve it\n    + came     the item at Look at it" in told
    assert "decision of ada\n    - expected an item that waits at a step\n    + came     none waits" in told


def test_a_decision_says_one_thing(office: Office) -> None:
    office.write("workflows/decided.yaml", DECIDED)
    item = "item: {total: 5}, expect: {outcome: done}"
    office.write(
        "workflows/decided.test.yaml",
        cases(f"{item}, decisions: [{{by: ada}}, {{approve: yes, reject: no}}, {{at: Aprove it, approve: yes}}]"),
    )
    told = office("check").out
    assert "a decision that says nothing" in told
    assert "a decision that says approve and reject" in told
    assert "did you mean Approve it?" in told


PORTAL = """\
workflow: portal
inputs: {number: text}
steps:
  - name: Enter it
    browser:
      connection: portal
      do: [{open: /}, {fill: {Number: "${{ item.number }}"}}, {click: Save}, {see: Saved}]
    effect: {key: "${{ item.number }}", verify: find}
verify:
  find:
    - browser: {connection: portal, do: [{open: /list}, {count: {rows: css=li}}]}
      as: found
    - settle: {done: "${{ found.rows == 1 }}", not_done: "${{ found.rows == 0 }}"}
"""


@pytest.mark.browser
def test_a_worker_that_dies_after_save_does_not_enter_it_twice(office: Office) -> None:
    form = "<form method=post action=/save><label>Number <input name=number></label><button>Save</button></form>"
    page = {"site": "portal", "type": "text/html"}
    tape = {
        "tape": 1,
        "sites": {"portal": "http://portal.example"},
        "exchanges": [
            {**page, "request": "GET /", "body": form},
            {**page, "request": "GET /list", "body": "<p>Entries</p>"},
            {**page, "request": "POST /save", "fields": {"number": "INV-1"}, "body": "<h1>Saved</h1>"},
            {**page, "request": "GET /list", "after": 1, "body": "<ul><li>INV-1</ul>"},
        ],
    }
    office.write("workflows/portal.yaml", PORTAL)
    office.write("workflows/portal.tape.yaml", json.dumps(tape))
    office.write(
        "workflows/portal.test.yaml",
        cases(
            "item: {number: INV-7}, given: {web: portal.tape.yaml}, faults: [{crash after: click Save}], "
            "expect: {outcome: done, effects: [{step: Enter it, key: INV-7}], sent: [{request: POST /save, fields: {number: INV-7}}]}",
            "item: {number: INV-1}, expect: {outcome: done}",
        ),
    )
    answer = office("test", "workflows/portal.yaml")
    assert answer.code == 1
    assert "1 passed, 1 failed" in answer.out, answer.out
    assert "the test gives nothing for the connection portal" in answer.out


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder; a POST is noted."""

    posted: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        self.posted.append(self.path)
        self.send_error(500)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def served(office: Office, folder: Path) -> Iterator[list[str]]:
    """A server whose port stands for PORT in the connections; gives what was posted to it."""
    Quiet.posted.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), lambda *given: Quiet(*given, directory=str(folder)))
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    connections = office.root / "config/connections.yaml"
    connections.write_text(connections.read_text().replace("PORT", str(server.server_address[1])))
    try:
        yield Quiet.posted
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.browser
def test_a_dry_run_shows_what_a_form_would_send_and_sends_nothing(office: Office, tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site/index.html").write_text(
        "<form method=post action=/save><label>Number <input name=number></label><button>Save</button></form>"
    )
    office.write("workflows/portal.yaml", PORTAL)
    office.write("config/connections.yaml", "portal: {base_url: 'http://127.0.0.1:PORT'}")
    with served(office, tmp_path / "site") as posted:
        answer = office("dry-run", "portal", "--item", "number=INV-1")
    assert (answer.code, posted) == (0, [])
    told = re.sub(r":\d{4,5}/", ":PORT/", answer.out)
    assert told.splitlines()[1:] == [
        "  would do: Enter it (browser) on portal",
        "    + fill Number: INV-1",
        "    + click Save: clicked",
        "    would send POST http://127.0.0.1:PORT/save",
        "      + number: INV-1",
        "    not run: see Saved",
    ]


@pytest.mark.browser
def test_a_worker_that_dies_after_a_click_that_fetches_dies_once_that_was_saved(office: Office) -> None:
    form = """<label>Number <input id=n></label><button onclick="setTimeout(async () => {
      await fetch('/save', {method: 'POST', body: new URLSearchParams({number: n.value})});
      document.body.append('Saved') }, 30)">Save</button>"""
    page = {"site": "portal", "type": "text/html"}
    tape = {
        "sites": {"portal": "http://portal.example"},
        "exchanges": [
            {**page, "request": "GET /", "body": form},
            {**page, "request": "GET /list", "body": "<p>Entries</p>"},
            {**page, "request": "POST /save", "fields": {"number": "INV-1"}, "body": "ok"},
            {**page, "request": "GET /list", "after": 1, "body": "<ul><li>INV-1</ul>"},
        ],
    }
    office.write("workflows/portal.yaml", PORTAL)
    office.write("workflows/portal.tape.yaml", json.dumps(tape))
    sent = "{request: POST /save, fields: {number: INV-1}}"
    office.write(
        "workflows/portal.test.yaml",
        cases(
            "item: {number: INV-1}, given: {web: portal.tape.yaml}, faults: [{crash after: click Save}], "
            f"expect: {{outcome: done, sent: [{sent}], effects: [{{step: Enter it, status: done}}]}}"
        ),
    )
    answer = office("test")
    assert answer.code == 0, answer.out


@pytest.mark.browser
def test_a_run_is_recorded_and_played_back(office: Office, tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site/index.html").write_text("<h1>Price list</h1><p>Total <b id=t>12.50</b></p>")
    office.write("config/connections.yaml", "prices: {base_url: 'http://127.0.0.1:PORT'}")
    office.write("workflows/prices.yaml", "workflow: prices\nsteps:\n  - browser: {connection: prices, do: [{open: /}, {read: {total: css=#t}}]}\n    as: page\noutputs: {total: '${{ page.total }}'}\n")  # fmt: skip
    with served(office, tmp_path / "site"):
        answer = office("run", "prices", "--record-web", "workflows/prices.tape.yaml")
    assert answer.code == 0, answer.out + answer.err
    assert "recorded 1 answers in workflows/prices.tape.yaml" in answer.out
    office.write("workflows/prices.test.yaml", cases("given: {web: prices.tape.yaml}, expect: {outcome: done, outputs: {total: 12.50}}"))  # fmt: skip
    answer = office("test", "workflows/prices.yaml")
    assert answer.code == 0, answer.out


@pytest.mark.browser
def test_the_bundled_workflows_pass_their_tests(office: Office) -> None:
    answer = office("test", str(Path(__file__).parents[2] / "workflows"))
    assert answer.code == 0, answer.out
    assert answer.out.splitlines()[-1] == "2 passed, 0 failed"
