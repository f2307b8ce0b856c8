"""The queue and one item without scripts: what is listed, in which order, and what a form does."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.store import tables
from tests.console.office import Office, form_of, text_of
from tests.documents.paper import ENGLISH, draw


@pytest.fixture
def staffed(office: Office) -> Office:
    office.add_user("ada", "supervisor", "accounts", "buyers")
    office.add_user("bob", "approver", "heads")
    office.add_user("eve", "viewer")
    office.add_user("root", "admin")
    return office


def wrong_total(office: Office, name: str = "inv-417.pdf") -> str:
    return office.work("invoice-intake", file=str(draw(office.folder / name, ENGLISH, total="Total due|£392.00")))


def test_the_queue_opens_on_mine_and_unclaimed_with_the_next_deadline_first(staffed: Office) -> None:
    order = staffed.work("orders", n="20 chairs", confidence=0.4)
    staffed.clock.sleep(60)
    bill = wrong_total(staffed)
    signed_off = staffed.work("orders", n="30 desks")
    with staffed.client("ada") as client:
        page = client.get("/").text
        everything = client.get("/?assigned=all").text
        kinds = client.get("/?assigned=all&kind=approval").text
    ids = {name: str(staffed.exception(item)["id"]) for name, item in (("order", order), ("bill", bill))}
    assert page.index(ids["bill"]) < page.index(ids["order"])
    assert "Northwind Paper Ltd" in page
    assert "392.00 GBP" in page
    assert "Net 310.00 plus tax 62.00 is 372.00, but the total says 392.00" in page
    approval = str(staffed.exception(signed_off)["id"])
    assert approval not in page
    assert approval in everything
    assert approval in kinds
    assert ids["bill"] not in kinds


def test_pages_of_the_queue_follow_each_other_without_a_gap(staffed: Office) -> None:
    import re

    for number in range(53):
        staffed.work("orders", n=f"{number} chairs", confidence=0.4)
    with staffed.client("ada") as client:
        first = client.get("/").text
        following = re.search(r'rel="next" href="([^"]+)"', first)
        assert following is not None
        second = client.get(following[1]).text
    ids = [re.findall(r'<a id="(exc_\w+)"', page) for page in (first, second)]
    assert (len(ids[0]), len(ids[1])) == (50, 3)
    assert ids[0] + ids[1] == sorted(ids[0] + ids[1])
    assert "53" in first


def test_the_live_rows_are_sent_only_when_they_changed(staffed: Office) -> None:
    import html
    import re

    staffed.work("orders", n="1 chair", confidence=0.4)
    with staffed.client("ada") as client:
        rows = re.search(r'hx-get="([^"]+)"', client.get("/").text)
        assert rows is not None
        place = html.unescape(rows[1])
        assert client.get(place).status_code == 204
        staffed.work("orders", n="2 chairs", confidence=0.4)
        changed = client.get(place)
    assert changed.status_code == 200
    assert "2 chairs" in changed.text


def test_a_corrected_field_lets_the_item_go_on(staffed: Office) -> None:
    item = wrong_total(staffed)
    with staffed.client("ada") as client:
        page = client.get(f"/exceptions/{item}").text
        answer = client.post(f"/exceptions/{item}/correct", data=form_of(page) | {"field.total": "372.00"})
    assert answer.status_code == 303
    assert staffed.state(item) == "ready"
    assert staffed.woken == [item]
    (decision,) = staffed.decisions(item)
    assert decision["corrections"] == {"total": "372.00"}
    assert decision["person"] == "ada"
    staffed.go_on(item)
    assert staffed.state(item) == "done"
    assert staffed.posts == ["INV-2026-0417 372.00"]


def test_a_value_that_cannot_be_read_comes_back_as_it_was_typed(staffed: Office) -> None:
    item = wrong_total(staffed)
    with staffed.client("ada") as client:
        form = form_of(client.get(f"/exceptions/{item}").text)
        answer = client.post(f"/exceptions/{item}/correct", data=form | {"field.total": "a lot", "reason": "my words"})
    assert answer.status_code == 409
    assert "&#39;a lot&#39; is no total; expected an amount such as 1234.56" in answer.text
    assert 'value="a lot"' in answer.text
    assert 'value="my words"' in answer.text
    assert staffed.state(item) == "waiting"


def test_corrections_that_break_a_rule_are_asked_about_once_more(staffed: Office) -> None:
    item = wrong_total(staffed)
    with staffed.client("ada") as client:
        form = form_of(client.get(f"/exceptions/{item}").text) | {"field.total": "373.00"}
        asked = client.post(f"/exceptions/{item}/correct", data=form)
        assert "1 rule would still not hold" in asked.text
        assert "but the total says 373.00" in asked.text
        assert staffed.state(item) == "waiting"
        answer = client.post(f"/exceptions/{item}/correct", data=form | {"accept": "yes"})
    assert answer.status_code == 303
    assert staffed.state(item) == "ready"


def test_an_approval_does_not_drop_what_was_typed(staffed: Office) -> None:
    item = wrong_total(staffed)
    with staffed.client("ada") as client:
        form = form_of(client.get(f"/exceptions/{item}").text)
        answer = client.post(f"/exceptions/{item}/approve", data=form | {"field.total": "372.00"})
        assert "You changed 1 field, and an approval takes the values as they were" in answer.text
        assert 'value="372.00"' in answer.text
        assert client.post(f"/exceptions/{item}/approve", data=form).status_code == 303
    assert staffed.state(item) == "ready"


def test_a_rejection_needs_a_reason(staffed: Office) -> None:
    item = wrong_total(staffed)
    with staffed.client("ada") as client:
        form = form_of(client.get(f"/exceptions/{item}").text)
        answer = client.post(f"/exceptions/{item}/reject", data=form)
        assert "A rejection needs a reason. Say why in a few words." in text_of(answer.text)
        client.post(f"/exceptions/{item}/reject", data=form | {"reason": "we never ordered it"})
    assert staffed.state(item) == "rejected"


def test_a_decision_is_bound_to_what_was_shown(staffed: Office) -> None:
    item = wrong_total(staffed)
    with staffed.client("ada") as client:
        form = form_of(client.get(f"/exceptions/{item}").text)
        answer = client.post(f"/exceptions/{item}/approve", data=form | {"seen": "0" * 64})
    assert "changed since it was shown" in answer.text
    assert staffed.state(item) == "waiting"


def test_who_decides_second_sees_what_the_first_decided(staffed: Office) -> None:
    item = wrong_total(staffed)
    exception = str(staffed.exception(item)["id"])
    with staffed.client("ada") as client:
        form = form_of(client.get(f"/exceptions/{item}").text)
        client.post(f"/exceptions/{exception}/approve", data=form)
        answer = client.post(f"/exceptions/{exception}/reject", data=form | {"reason": "too late"})
    assert answer.status_code == 409
    assert "was already decided" in answer.text
    assert "Decided by ada" in answer.text


def test_the_corrector_may_not_approve_by_any_button(staffed: Office) -> None:
    staffed.add_user("cem", "admin", "buyers", "heads")
    item = staffed.work("orders", n="20 chairs", confidence=0.4)
    with staffed.client("cem") as client:
        form = form_of(client.get(f"/exceptions/{item}").text)
        client.post(f"/exceptions/{item}/correct", data=form | {"field.value": "22 chairs"})
        staffed.go_on(item)
        form = form_of(client.get(f"/exceptions/{item}").text)
        answer = client.post(f"/exceptions/{item}/approve", data=form)
    assert answer.status_code == 409
    assert "cem corrected this item and may not approve it. Another person has to approve it." in text_of(answer.text)
    with staffed.client("bob") as client:
        form = form_of(client.get(f"/exceptions/{item}").text)
        assert client.post(f"/exceptions/{item}/approve", data=form).status_code == 303
    staffed.go_on(item)
    assert staffed.posts == ["22 chairs"]


def test_another_team_can_look_and_not_decide(staffed: Office) -> None:
    staffed.add_user("kim", "supervisor", "stock")
    item = wrong_total(staffed)
    with staffed.client("kim") as client:
        page = client.get(f"/exceptions/{item}").text
        answer = client.post(f"/exceptions/{item}/approve", data=form_of(page))
    assert "This is assigned to accounts. You can look at it; a member of that team decides." in page
    assert "formaction" not in page
    assert "is assigned to accounts" in answer.text
    assert staffed.state(item) == "waiting"


def test_a_retry_says_before_the_click_what_will_happen_outside(staffed: Office) -> None:
    item = staffed.work("orders", n="50 lamps", fail="refused")
    with staffed.client("ada") as client:
        page = client.get(f"/exceptions/{item}").text
        assert "What a retry does outside" in page
        assert "Place the order" in page[page.index("What a retry does outside") :]
        assert client.post(f"/exceptions/{item}/retry", data=form_of(page)).status_code == 303
    assert staffed.state(item) == "ready"


def test_an_uncertain_effect_is_settled_by_a_person_who_looked(staffed: Office) -> None:
    item = staffed.work("orders", n="40 lamps", fail="lost_answer")
    assert staffed.state(item) == "uncertain"
    with staffed.client("ada") as client:
        page = client.get(f"/exceptions/{item}").text
        assert "What was to be done" in page
        assert "40 lamps" in page
        form = form_of(page)
        wrong = client.post(
            f"/exceptions/{item}/settle", data=form | {"done": "yes", "result.id": "many", "result.value": "x"}
        )
        assert wrong.status_code == 409
        assert "ID: input should be a valid integer" in wrong.text
        assert 'value="many"' in wrong.text
        settled = form | {"done": "yes", "result.id": "1", "result.value": "40 lamps", "reason": "seen in the shop"}
        assert client.post(f"/exceptions/{item}/settle", data=settled).status_code == 303
    staffed.go_on(item)
    assert staffed.state(item) == "done"
    assert staffed.posts == ["40 lamps"]


def test_an_uncertain_effect_that_did_not_happen_is_done_once(staffed: Office) -> None:
    item = staffed.work("orders", n="40 lamps", fail="lost_answer")
    with staffed.client("ada") as client:
        form = form_of(client.get(f"/exceptions/{item}").text)
        assert client.post(f"/exceptions/{item}/look-up", data=form).status_code == 303
        staffed.go_on(item)
        assert staffed.state(item) == "uncertain"
        form = form_of(client.get(f"/exceptions/{item}").text)
        client.post(f"/exceptions/{item}/settle", data=form | {"done": "no"})
    staffed.go_on(item)
    assert staffed.state(item) == "done"


def test_a_run_in_a_browser_has_its_replay_beside_it_apart_from_the_console(staffed: Office) -> None:
    item = wrong_total(staffed)
    run = str(staffed.exception(item)["run"])
    with staffed.client("ada") as client:
        assert "/replay" not in client.get(f"/runs/{run}").text  # no browser was at work
        with staffed.database.write() as transaction:
            path = (
                transaction.execute(tables.steps.select().where(tables.steps.c.run == run)).mappings().first()["path"]
            )
            verb = {"duration_ms": 3, "target": "</script><script>x", "box": [1, 2, 3, 4]}
            told = {"run": run, "path": path, "name": "browser.click", "at": datetime.now(UTC), "data": verb}
            transaction.execute(tables.events.insert().values(**told))
        assert f'<a href="/runs/{run}/replay">Replay</a>' in client.get(f"/runs/{run}").text
        replay = client.get(f"/runs/{run}/replay")
    assert (replay.status_code, "</script><script>x" in replay.text) == (200, False)
    assert "click" in replay.text
    assert replay.headers["content-security-policy"].startswith("sandbox allow-scripts; default-src 'none'")


def test_a_run_shows_its_steps_evidence_effects_and_decisions(staffed: Office) -> None:
    item = wrong_total(staffed)
    run = str(staffed.exception(item)["run"])
    with staffed.client("ada") as client:
        form = form_of(client.get(f"/exceptions/{item}").text)
        client.post(f"/exceptions/{item}/correct", data=form | {"field.total": "372.00"})
        staffed.go_on(item)
        page = client.get(f"/runs/{run}").text
        ledger = client.get("/effects").text
        told = client.get(f"/items/{item}").text
    for words in (
        "Read the invoice",
        "Book the bill",
        "Tell the buyer",
        "skipped",
        "page-1.png",
        "corrected",
        "372.00",
    ):
        assert words in page
    assert "Northwind Paper Ltd/INV-2026-0417" in page
    assert "Northwind Paper Ltd/INV-2026-0417" in ledger
    assert "inv-417.pdf" in told


def test_an_operator_pauses_and_resumes_a_queue(staffed: Office) -> None:
    staffed.add_user("opa", "operator")
    with staffed.client("opa") as client:
        from tests.console.office import csrf_of

        token = csrf_of(client.get("/workflows").text)
        client.post("/workflows/orders/pause", data={"csrf": token, "reason": "stock-taking"})
        assert "paused by opa: stock-taking" in client.get("/workflows").text
        client.post("/workflows/orders/resume", data={"csrf": token})
        assert "paused by" not in client.get("/workflows").text


def test_the_file_of_an_item_is_downloaded_as_it_was(staffed: Office) -> None:
    item = wrong_total(staffed)
    with staffed.client("ada") as client:
        answer = client.get(f"/items/{item}/files/file")
    assert answer.content == (Path(staffed.folder) / "inv-417.pdf").read_bytes()
    assert answer.headers["content-disposition"].startswith("attachment")
