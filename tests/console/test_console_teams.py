"""What belongs to one team is not there for another: no page, list, count, id or event tells of it."""

from __future__ import annotations

import re
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from console.access import Anyone, Open, Signed, api_routes, door_of
from console.app import create_app
from console.pulse import EVERY, Pulse
from console.queue_filter import QueueFilter
from console.saved_views import save_view
from console.sessions import Viewer
from engine.errors import ClerkworkError
from engine.ids import new_id
from engine.store import tables
from engine.store.database import one, rows
from engine.store.narrow import Narrowing, rule_of
from tests.console.office import NOW, Office, csrf_of, text_of

CANARY = "xqzzy"
"""Stands in every text of the other team, so that any of it that gets through is seen."""
PAYROLL = f"""
workflow: pay-{CANARY}
title: Payslips {CANARY}
owner: staff
inputs:
  n: {{type: text}}
  fail: {{type: text, required: false, default: ""}}
  confidence: {{type: number, required: false, default: 1}}
triggers:
  - manual: {{title: "Pay {CANARY}"}}
  - schedule: {{cron: "0 7 * * *", timezone: UTC, inputs: {{n: nightly}}}}
steps:
  - name: Read the payslip {CANARY}
    world.read: {{value: "${{{{ item.n }}}}", confidence: "${{{{ item.confidence }}}}"}}
    as: order
    review: {{when: "${{{{ order.confidence < 0.8 }}}}"}}
  - name: Pay {CANARY}
    world.shout: {{world: WORLD, value: "${{{{ order.value }}}}", fail: "${{{{ item.fail }}}}"}}
on_exception: {{assign: paymasters}}
"""


class Payroll:
    """The other team's workflow with something of everything: `ids` by the part of the address they stand in."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.workflow = f"pay-{CANARY}"
        path = office.folder / "workflows" / "payroll.yaml"
        path.write_text(PAYROLL.replace("WORLD", str(office.world)))
        office.library.refresh()
        assert not office.library.problems
        self.review = office.work(self.workflow, n=f"{CANARY} 1", confidence=0.4)
        self.failed = office.work(self.workflow, n=f"{CANARY} 2", fail="refused")
        self.failed_too = office.work(self.workflow, n=f"{CANARY} 3", fail="refused")
        self.done = office.work(self.workflow, n=f"{CANARY} 4")
        self.exception = office.exception(self.failed)
        self.artifact = self._kept()
        self._noted()

    def _kept(self) -> str:
        content = f"the log of {CANARY}".encode()
        values = {"id": new_id("art"), "run": self.exception["run"], "path": "steps.0", "name": f"{CANARY}.txt"}
        values |= {"media_type": "text/plain", "size": len(content), "created": NOW}
        values |= {"sha256": self.office.services.artifacts.put(content)}
        with self.office.database.write() as transaction:
            transaction.execute(tables.artifacts.insert().values(**values))
        return str(values["id"])

    def _noted(self) -> None:
        paymaster = Viewer("pat", "supervisor", ("staff",), "", "")
        alert = {"id": "alert_1", "channel": "all", "fingerprint": "f", "number": 1, "first": NOW, "last": NOW}
        alert |= {"tries": 0, "what": "failed", "subject": f"{self.workflow} REFUSED", "message": f"{CANARY} failed"}
        subject = {"id": "sub_1", "topic": "document", "name": f"Vendor {CANARY}", "revision": 1, "studied": 1}
        example = {"id": "exa_1", "topic": "document", "subject": "sub_1", "digest": "d", "item": self.done}
        example |= {
            "person": "pat",
            "data": {"file": CANARY, "changed": [], "read": {}, "fields": {}},
            "content": b"",
            "made": NOW,
        }
        with self.office.database.write() as transaction:
            save_view(transaction, paymaster, f"Payslips {CANARY}", QueueFilter(workflow=self.workflow), NOW)
            transaction.execute(tables.alerts.insert().values(**alert))
            transaction.execute(tables.subjects.insert().values(**subject, made=NOW))
            transaction.execute(tables.examples.insert().values(**example))

    def states(self) -> list[str]:
        return [self.office.state(item) for item in (self.review, self.failed, self.failed_too, self.done)]

    def ids(self, path: str) -> dict[str, list[str]]:
        """What stands at each place of a route's path."""
        kinds = {
            "exceptions": [str(self.exception["id"]), self.review, self.failed],
            "items": [self.review, self.failed, self.done],
            "runs": [str(self.exception["run"])],
            "workflows": [self.workflow],
            "causes": [str(self.exception["fingerprint"])],
            "artifacts": [self.artifact],
            "vendors": ["sub_1", f"Vendor {CANARY}"],
        }
        return {kind: ids for kind, ids in kinds.items() if f"/{kind}/" in path}


@pytest.fixture
def payroll(office: Office) -> Payroll:
    office.add_user("ada", "supervisor", "buyers", "accounts")
    office.add_user("olga", "operator", "buyers")
    office.add_user("pat", "supervisor", "staff")
    office.add_user("paula", "supervisor", "paymasters")
    office.add_user("root", "admin")
    office.work("orders", n="20 chairs", confidence=0.4)
    return Payroll(office)


def asked(client: httpx.Client, method: str, path: str, token: str) -> httpx.Response:
    """Only how the answer begins, of the one that has no end."""
    form = {"csrf": token, "reason": "no", "note": "a note", "text": "a comment", "retrial": "x", "rest": "1h"}
    if path == "/queue/events":
        with client.stream(method, path) as answer:
            return answer
    return client.request(method, path, data=form if method == "POST" else None)


def guarded(office: Office) -> Iterator[tuple[str, str]]:
    """Method and path of every route that is for people who are signed in; those for programs are in `test_api.py`."""
    for route in api_routes(create_app(office.services).routes):
        if not isinstance(door_of(route), (Open, Signed, Anyone)) and not route.path.startswith(("/sign-out", "/api/")):
            yield from ((method, route.path) for method in sorted(route.methods or ()))


@pytest.mark.parametrize("name", ["ada", "olga"])
def test_an_id_of_another_team_is_answered_as_one_that_nobody_ever_had(payroll: Payroll, name: str) -> None:
    """Every route with an id in its path: the same status and the same words, so that nothing is learned by asking."""
    tried = 0
    with payroll.office.client(name) as client:
        token = csrf_of(client.get("/").text)
        for method, path in guarded(payroll.office):
            for kind, ids in payroll.ids(path).items():
                for theirs in ids:
                    answers = []
                    for each in (theirs, "item_00000000000000000000"):
                        place = re.sub(rf"(?<=/{kind}/){{\w+}}", each, path)
                        answer = asked(client, method, re.sub(r"{\w+}", "1", place), token)
                        answers.append((answer.status_code, answer.text.replace(each, "?")))
                    assert answers[0] == answers[1], f"{method} {path} of {theirs}"
                    assert answers[0][0] in (404, 403, 422), f"{method} {path} of {theirs}"
                    tried += 1
    assert tried > 50
    assert payroll.states() == ["waiting", "exception", "exception", "done"]


@pytest.mark.parametrize("name", ["ada", "olga"])
def test_no_page_list_or_count_tells_of_another_team(payroll: Payroll, name: str) -> None:
    office = payroll.office
    with office.client(name) as client:
        for method, path in guarded(office):
            if method != "GET" or "{" in path or path == "/queue/events":
                continue
            for more in ("", "?assigned=all", "?rest=yes&assigned=all", f"?after={payroll.exception['id']}"):
                answer = client.get(path + more)
                assert CANARY not in answer.text, f"{path}{more}: {answer.text[:2000]}"
        assert text_of(client.get("/items").text).count("orders") == 2  # the filter and the line
        for narrow in ("/items?workflow=", "/effects?workflow=", "/?assigned=all&workflow="):
            theirs, nobodys = (client.get(narrow + each).text for each in (payroll.workflow, "pay-nobody"))
            assert theirs.replace(payroll.workflow, "?") == nobodys.replace("pay-nobody", "?")


def linked(client: httpx.Client, most: int) -> dict[str, str]:
    """The pages that one comes to by links, from the first one on."""
    found: dict[str, str] = {}
    waiting = ["/", "/dashboard", "/items"]
    while waiting and len(found) < most:
        place = waiting.pop(0)
        if place in found or place.startswith(("/static", "/queue/events")):
            continue
        found[place] = client.get(place).text
        links = re.findall(r'(?:href|src|hx-get)="(/[^"#]*)', found[place])
        waiting += [link.replace("&amp;", "&") for link in links]
    return found


def test_no_page_that_is_reached_by_links_tells_of_another_team(payroll: Payroll) -> None:
    """Pages of tiles, of a run, of a workflow: wherever the console itself leads."""
    with payroll.office.client("ada") as client:
        pages = linked(client, 90)
        assert len(pages) > 40
        assert not [place for place, page in pages.items() if CANARY in page]
    with payroll.office.client("root") as client:
        assert len([place for place, page in linked(client, 40).items() if CANARY in page]) > 5


@pytest.mark.parametrize("name", ["pat", "paula", "root"])
def test_the_owner_those_it_asks_and_admins_see_it(payroll: Payroll, name: str) -> None:
    with payroll.office.client(name) as client:
        for place in ("/?assigned=all", "/items", "/effects", "/workflows", "/alerts", "/vendors"):
            assert CANARY in client.get(place).text, place
        for _, path in guarded(payroll.office):
            for kind, ids in payroll.ids(path).items():
                if path.endswith(f"/{kind}/{{name}}"):
                    assert all(client.get(f"/{kind}/{each}").status_code == 200 for each in ids), path


def test_many_at_once_leave_out_what_is_not_ones_own(payroll: Payroll) -> None:
    theirs = [str(payroll.exception["id"])]
    with payroll.office.client("ada") as client:
        token = csrf_of(client.get("/").text)
        form = {"csrf": token, "action": "claim", "pick": theirs}
        for place in ("/queue/bulk", "/queue/bulk/do"):
            answer = client.post(place, data=form)
            assert answer.status_code == 404
            assert "Nothing was picked" in answer.text
        every = client.post("/queue/bulk?assigned=all", data={"csrf": token, "action": "claim", "every": "yes"})
        assert CANARY not in every.text
        assert payroll.office.exception(payroll.failed)["holder"] is None
    with payroll.office.client("pat") as client:
        form["csrf"] = csrf_of(client.get("/").text)
        done = client.post("/queue/bulk/do", data=form).headers["location"]
    act = done.partition("bulk=")[2]
    with payroll.office.client("ada") as client:
        undo = client.post("/queue/bulk/undo", data={"csrf": csrf_of(client.get("/").text), "act": act})
        assert undo.status_code == 404
        assert CANARY not in client.get(f"/?bulk={act}").text


def test_a_call_to_who_may_not_see_it_tells_them_nothing(payroll: Payroll) -> None:
    with payroll.office.client("pat") as client:
        form = {"csrf": csrf_of(client.get("/").text), "text": f"@ada see {CANARY}"}
        assert client.post(f"/exceptions/{payroll.failed}/comment", data=form).status_code == 303
    with payroll.office.client("ada") as client:
        page = client.get("/calls")
        assert CANARY not in page.text
        assert "0 new" in text_of(page.text)


def test_the_stream_of_events_beats_for_ones_own_only(payroll: Payroll) -> None:
    pulse = Pulse(payroll.office.database)
    mine = frozenset({"orders"})
    before = pulse.mark(mine), pulse.mark()
    payroll.office.work(payroll.workflow, n="5", confidence=0.4)
    time.sleep(EVERY)
    after = pulse.mark(mine), pulse.mark()
    assert after[0] == before[0]
    assert after[1] > before[1]
    payroll.office.work("orders", n="5 chairs", confidence=0.4)
    time.sleep(EVERY)
    assert pulse.mark(mine) > after[0]


def test_a_workflow_whose_file_is_wrong_or_gone_is_still_that_teams(payroll: Payroll) -> None:
    file = payroll.office.folder / "workflows" / "payroll.yaml"
    for text in ("workflow: pay-xqzzy\nsteps: [", None):
        file.write_text(text) if text is not None else file.unlink()
        payroll.office.library.refresh()
        with payroll.office.client("ada") as client:
            for place in ("/?assigned=all", "/items", "/workflows"):
                assert CANARY not in client.get(place).text, place
        with payroll.office.client("pat") as client:
            assert CANARY in client.get("/items").text


def test_what_is_assigned_at_run_time_is_seen_by_who_is_asked(payroll: Payroll) -> None:
    with payroll.office.database.write() as transaction:
        theirs = tables.exceptions.c.id == payroll.exception["id"]
        transaction.execute(tables.exceptions.update().where(theirs).values(assigned="buyers"))
    with payroll.office.client("ada") as client:
        assert client.get(f"/exceptions/{payroll.failed}").status_code == 200


def test_a_view_is_shared_within_a_team(payroll: Payroll) -> None:
    with payroll.office.client("ada") as client:
        token = csrf_of(client.get("/").text)
        taken = client.post("/queue/views", data={"csrf": token, "name": f"Payslips {CANARY}"})
        assert taken.status_code == 404
        assert f"The name Payslips {CANARY} is taken." in text_of(taken.text)
    payroll.office.add_user("phil", "viewer", "staff")
    with payroll.office.client("phil") as client:
        assert f"Payslips {CANARY}" in client.get("/").text


# -- the one place --------------------------------------------------------------------------------------------------

BELONGS = {
    "queues items runs effects exceptions retrials triggers measured daily checked_items": "by its workflow",
    "steps attempts events artifacts": "by its run",
    "decisions examples focus checked_fields": "by its item",
    "mentions looks": "by its exception",
    "acts saved_views": "by the person",
    "alerts firings arrivals": "by its name",
    "subjects subject_keys templates": "by its documents",
    # Of people and machines; `sources` is read by the digest that a run has, which is what one must see to know it.
    "users sessions set_up_links identities spent_sign_ins gates sources processes duties deliveries hook_positions "
    "audit audit_head "
    "half_sessions second_factors recovery_codes passkeys api_tokens measured_until reports_sent report_times": "",
}


def test_every_table_is_cut_down_or_said_to_be_nobodys() -> None:
    """A new table fails here until it is said whose its rows are."""
    told = {name: how for names, how in BELONGS.items() for name in names.split()}
    for name, table in tables.metadata.tables.items():
        assert name in told, (
            f"say in BELONGS whose the rows of {name} are, and give it a rule in engine/store/narrow.py"
        )
        assert bool(told[name]) is (rule_of(table) is not None), name


ROOT = str(Path(__file__).parents[2])
ENTRANCE = ("console/teams.py", "console/sessions.py", "console/pulse.py", "console/keeping.py", "commands/desk.py")
"""What reads the whole store for somebody: to tell what they see, that something changed, to count, and what a workflow that
they see is to do."""


def test_every_route_asks_the_store_of_the_person_and_never_the_whole(payroll: Payroll) -> None:
    """Every route is used with what is one's own; a query past the cut is caught with the place that made it."""
    office = payroll.office
    past: list[str] = []
    belonging = [name for names, how in BELONGS.items() if how for name in names.split()]

    def watch(connection: sa.Connection, _cursor: Any, statement: str, *_: Any) -> None:
        if "narrowing" in connection.get_execution_options() or not set(belonging) & set(re.findall(r"\w+", statement)):
            return
        places = [
            frame.filename
            for frame in traceback.extract_stack()
            if frame.filename.startswith(ROOT) and "/.venv/" not in frame.filename
        ]
        if not any(place.endswith(ENTRANCE) for place in places):
            past.append(f"{statement[:200]} from {places[-3:]}")

    own = {"exceptions": office.work("orders", n="30 chairs", confidence=0.4)}
    own |= {"items": own["exceptions"], "workflows": "orders", "vendors": "sub_2", "artifacts": "art_2"}
    own |= {"runs": str(office.exception(own["items"])["run"])}
    own |= {"causes": str(office.exception(own["items"])["fingerprint"])}
    with office.client("ada") as client:
        token = csrf_of(client.get("/").text)
        sa.event.listen(office.database.engine, "before_cursor_execute", watch)
        for method, path in guarded(office):
            kind = path.split("/")[1]
            place = re.sub(rf"(?<=/{kind}/){{\w+}}", own.get(kind, "n"), path)
            asked(client, method, re.sub(r"{\w+}", "1", place), token)
        sa.event.remove(office.database.engine, "before_cursor_execute", watch)
    assert not past


def test_only_the_door_has_the_whole_of_the_services() -> None:
    console = Path(__file__).parents[2] / "console"
    found = {
        file.relative_to(console).as_posix()
        for file in console.rglob("*.py")
        if "app.state.services" in file.read_text()
    }
    assert found <= {"access.py", "app.py", "api/door.py"}


def test_a_query_in_plain_text_is_refused_for_one_person(payroll: Payroll) -> None:
    to = Narrowing(frozenset({"orders"}), "ada")
    with payroll.office.database.narrowed(to).read() as transaction:
        with pytest.raises(ClerkworkError, match="a query in plain text reads items for one person"):
            transaction.execute(sa.text("SELECT * FROM items"))
        assert transaction.execute(sa.text("SELECT 1")).scalar_one() == 1


def test_selects_within_selects_and_sides_of_joins_are_cut_down_too(payroll: Payroll) -> None:
    items, runs, steps = tables.items, tables.runs, tables.steps
    other = items.alias("other")
    inner = sa.select(items.c.id).where(items.c.workflow == payroll.workflow)
    queries = (
        sa.select(runs.c.id).where(runs.c.item.in_(inner)),
        sa.select(sa.func.count().label("n")).select_from(inner.subquery()).where(sa.literal_column("1=1")),
        sa.union_all(inner, sa.select(steps.c.run).where(steps.c.title.contains(CANARY))),
        sa.select(other.c.workflow).where(other.c.id == payroll.done),
    )
    whole, mine = payroll.office.database, payroll.office.database.narrowed(Narrowing(frozenset({"orders"}), "ada"))
    for query in queries:
        with whole.read() as everything, mine.read() as part:
            assert [tuple(row) for row in everything.execute(query)] not in ([], [(0,)])
            assert [tuple(row) for row in part.execute(query)] in ([], [(0,)])
    with mine.write() as transaction:
        for change in (items.update().values(message="changed"), steps.update().values(title="changed")):
            transaction.execute(change)
    with whole.read() as everything:
        row = one(everything, items.select().where(items.c.id == payroll.done))
        assert row is not None
        assert row["message"] is None
        kept = rows(everything, steps.select().where(steps.c.run == row["run"]))
        assert {told["title"] for told in kept} & {f"Read the payslip {CANARY}"}
