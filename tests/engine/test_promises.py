"""The promises at their edges: effects of unknown outcome, resuming inside groups and loops, errors of all kinds."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fakes.shop import NOW, Shop
from peers.postgres import PostgresServer
from peers.world import calls

from engine import exceptions, items, ledger
from engine.errors import BusinessException, UsageError
from engine.exceptions import Person
from engine.items import State
from engine.store import audit, tables
from engine.store.database import Database, rows

MARY = Person("mary", admin=True)
ONCE = "queue: {retry: {attempts: 1}}\n"


def approve(shop: Shop, item: str) -> None:
    with shop.database.write() as tx:
        exceptions.approve(tx, item, MARY, NOW)


def retry(shop: Shop, item: str) -> None:
    with shop.database.write() as tx:
        exceptions.retry(tx, item, MARY, NOW)


def statuses(shop: Shop) -> list[str]:
    with shop.database.read() as tx:
        return [row["status"] for row in ledger.effects(tx)]


def fresh(shop: Shop) -> None:
    """The process is replaced by a new one."""
    shop.engine = shop.new_engine()


# -- effects whose outcome is not known -------------------------------------------------------------------------------


@pytest.mark.parametrize("around", ["alone", "in a group"])
def test_on_error_does_not_take_over_an_effect_that_may_have_been_done(tmp_path: Path, around: str) -> None:
    step = "world.post: {world: WORLD, value: x, fail: lost_answer}"
    text = f"  - {step}\n" if around == "alone" else f"  - group:\n      - {step}\n"
    shop = Shop(
        tmp_path,
        f"{ONCE}steps:\n{text}    on_error:\n      - world.post: {{world: WORLD, value: it was not posted}}\n",
    )
    report = shop.work()
    assert (report.outcome, report.code, shop.posts) == ("failed", "TIMEOUT", ["x"])
    retry(shop, report.item)
    assert shop.go_on(report.item).outcome == "done"
    assert shop.posts == ["x"] and statuses(shop) == ["done"]


def test_an_item_with_an_effect_of_unknown_outcome_is_not_rejected(tmp_path: Path) -> None:
    shop = Shop(tmp_path, f"{ONCE}steps:\n  - world.shout: {{world: WORLD, value: x, fail: lost_answer}}")
    report = shop.work()
    assert report.outcome == "failed"
    with shop.database.write() as tx, pytest.raises(UsageError, match=r"world\.shout was begun and its outcome is"):
        exceptions.reject(tx, report.item, MARY, NOW, reason="away with it")
    retry(shop, report.item)
    assert shop.go_on(report.item).outcome == "uncertain"
    assert statuses(shop) == ["uncertain"]
    with shop.database.write() as tx:
        exceptions.settle(tx, report.item, MARY, NOW, done=True, result={"id": 1})
    assert shop.go_on(report.item).outcome == "done"


def test_a_later_look_at_the_clock_changes_neither_the_key_nor_the_condition_of_an_open_effect(tmp_path: Path) -> None:
    shop = Shop(
        tmp_path,
        """
        queue: {retry: {attempts: 3, wait: 1 day, jitter: false}}
        steps:
          - if: ${{ today.day == 2 }}
            world.post: {world: WORLD, value: x, fail: lost_answer}
            effect: {key: "${{ today }}/${{ item.n }}"}
            as: post
        outputs: {id: "${{ post.id }}"}
        """,
    )
    report = shop.work()
    assert (report.outcome, report.outputs) == ("done", {"id": 1})
    assert shop.posts == ["x"] and statuses(shop) == ["done"]


# -- keys -------------------------------------------------------------------------------------------------------------


def test_two_steps_with_one_key_are_not_one_effect_in_silence(tmp_path: Path) -> None:
    shop = Shop(
        tmp_path,
        """
        steps:
          - for_each: ${{ ['a', 'b'] }}
            world.post: {world: WORLD, value: "${{ each }}"}
            effect: {key: "${{ item.n }}"}
        """,
    )
    report = shop.work()
    assert (report.outcome, report.code, shop.posts) == ("exception", "EFFECT_KEY", ["a"])
    assert "the key 1 of world.post was used before in this item, at steps.0[0], for something else" in str(
        report.message
    )


def test_the_same_effect_twice_in_one_item_is_done_once(tmp_path: Path) -> None:
    shop = Shop(
        tmp_path,
        """
        steps:
          - for_each: ${{ ['a', 'b', 'a'] }}
            world.post: {world: WORLD, value: "${{ each }}"}
            effect: {key: "${{ each }}"}
        """,
    )
    assert shop.work().outcome == "done" and shop.posts == ["a", "b"]


@pytest.mark.parametrize(
    ("value", "key"),
    [("${{ 100 * 10 }}", "1000"), ("${{ 1 == 1 }}", "true"), ("${{ today }}", "2026-03-02"), ("${{ '  a ' }}", "a")],
)
def test_a_key_reads_as_it_would_inside_text(tmp_path: Path, value: str, key: str) -> None:
    shop = Shop(
        tmp_path,
        f"steps:\n  - world.post: {{world: WORLD, value: x}}\n    effect: {{key: {value!r}}}".replace(
            "'${{ \\'", '"${{ '
        ).replace("\\'", "'"),
    )
    assert shop.work().outcome == "done"
    with shop.database.read() as tx:
        assert [row["key"] for row in ledger.effects(tx)] == [key]


@pytest.mark.parametrize(("value", "found"), [("${{ [1] }}", "is a list of 1"), ("x" * 600, "has 600 characters")])
def test_a_key_that_is_no_key_is_refused(tmp_path: Path, value: str, found: str) -> None:
    shop = Shop(
        tmp_path,
        f'steps:\n  - set: {{k: "{value}"}}\n  - world.post: {{world: WORLD, value: x}}\n    effect: {{key: "${{{{ k }}}}"}}',
    )
    report = shop.work()
    assert report.code == "EFFECT_KEY" and found in str(report.message)
    assert shop.posts == []


def test_items_whose_key_is_empty_are_refused_and_not_taken_for_one(tmp_path: Path) -> None:
    shop = Shop(
        tmp_path, "workflow: shop\ninputs: {ref: text}\nqueue: {key: '${{ item.ref }}'}\nsteps:\n  - set: {a: 1}"
    )
    with pytest.raises(BusinessException, match="the key of the item is empty"):
        shop.add(ref=" ")


# -- going on inside groups, loops and on_error -----------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["group", "parallel"])
def test_names_bound_inside_a_group_are_known_after_a_stop(tmp_path: Path, kind: str) -> None:
    shop = Shop(
        tmp_path,
        f"""
        steps:
          - {kind}:
              - world.read: {{value: 5}}
                as: reading
              - group:
                  - set: {{twice: "${{{{ reading.value * 2 }}}}"}}
          - approve: {{by: anybody}}
          - world.post: {{world: WORLD, value: "${{{{ reading.value }}}} ${{{{ twice }}}}"}}
        """,
    )
    report = shop.work()
    approve(shop, report.item)
    assert shop.go_on(report.item).message is None
    assert shop.posts == ["5 10"]


def test_on_error_goes_on_where_it_stopped_and_the_failed_step_stays_failed(tmp_path: Path) -> None:
    shop = Shop(
        tmp_path,
        f"""
        {ONCE}
        steps:
          - world.post: {{world: WORLD, value: late, fail: down twice}}
            on_error:
              - world.post: {{world: WORLD, value: "instead, for ${{{{ error.code }}}}"}}
              - approve: {{by: anybody}}
              - fail: {{code: TWO, message: second stop}}
                if: ${{{{ item.n == 2 }}}}
              - world.post: {{world: WORLD, value: "after ${{{{ error.code }}}}"}}
        """,
    )
    report = shop.work()
    for _ in range(3):
        fresh(shop)
        assert shop.go_on(report.item).outcome == "waiting"
    approve(shop, report.item)
    assert shop.go_on(report.item).outcome == "done"
    assert shop.posts == ["instead, for DOWN", "after DOWN"]


def test_a_correction_inside_on_error_does_the_rest_of_it_again(tmp_path: Path) -> None:
    shop = Shop(
        tmp_path,
        """
        steps:
          - fail: {code: ONE, message: first}
            on_error:
              - world.read: {value: 1}
                as: reading
              - set: {twice: "${{ reading.value * 2 }}"}
              - if: ${{ twice == 42 }}
                world.post: {world: WORLD, value: "${{ twice }}"}
          - fail: {code: TWO, message: second}
        """,
    )
    report = shop.work()
    with shop.database.write() as tx:
        exceptions.correct(tx, report.item, MARY, {"value": 21}, NOW)
    assert shop.go_on(report.item).code == "TWO" and shop.posts == ["42"]


def test_on_error_of_a_loop_takes_over_for_the_value_that_failed_and_the_others_are_done(tmp_path: Path) -> None:
    shop = Shop(
        tmp_path,
        """
        steps:
          - for_each: ${{ ['', 'refused', ''] }}
            world.post: {world: WORLD, value: "x${{ each }}", fail: "${{ each }}"}
            on_error:
              - world.post: {world: WORLD, value: "${{ each }} gave ${{ error.code }}"}
            as: posted
        outputs: {ids: "${{ [p.id if p is not none else 0 for p in posted] }}"}
        """,
    )
    report = shop.work()
    assert report.outputs == {"ids": [1, 0, 3]}
    assert shop.posts == ["x", "refused gave REFUSED", "x"]


def test_approvals_in_a_loop_are_asked_one_after_the_other(tmp_path: Path) -> None:
    shop = Shop(
        tmp_path,
        """
        steps:
          - for_each: ${{ ['a', 'b'] }}
            group:
              - approve: {by: anybody, message: "${{ each }}?"}
              - world.post: {world: WORLD, value: "${{ each }}"}
        """,
    )
    report = shop.work()
    for name, before in (("a?", []), ("b?", ["a"])):
        with shop.database.read() as tx:
            assert exceptions.find(tx, report.item)["message"] == name
        assert shop.posts == before
        approve(shop, report.item)
        fresh(shop)
        shop.go_on(report.item)
    assert shop.posts == ["a", "b"] and shop.engine.report(report.item).outcome == "done"


def test_a_review_of_a_loop_offers_no_correction_of_a_list(tmp_path: Path) -> None:
    shop = Shop(
        tmp_path,
        """
        steps:
          - for_each: ${{ [1, 2] }}
            world.read: {value: "${{ each }}"}
            as: readings
            review: {when: "${{ len(readings) == 2 }}"}
          - world.post: {world: WORLD, value: "${{ readings[1].value }}"}
        """,
    )
    report = shop.work()
    with shop.database.write() as tx, pytest.raises(UsageError, match="nothing in step .* can be corrected"):
        exceptions.correct(tx, report.item, MARY, {"value": 3}, NOW)
    approve(shop, report.item)
    assert shop.go_on(report.item).outcome == "done" and shop.posts == ["2"]


def test_a_review_step_says_who_looked(tmp_path: Path) -> None:
    shop = Shop(tmp_path, "steps:\n  - review: {assign: mary}\n    as: look\noutputs: {by: '${{ look.by }}'}")
    report = shop.work()
    approve(shop, report.item)
    assert shop.go_on(report.item).outputs == {"by": "mary"}


def test_a_review_that_cannot_be_decided_names_its_step(tmp_path: Path) -> None:
    shop = Shop(
        tmp_path,
        """
        steps:
          - name: Post it
            world.post: {world: WORLD, value: x}
            as: post
            review: {when: "${{ post.value > 1 }}"}
        """,
    )
    report = shop.work()
    assert (report.outcome, report.code, report.step) == ("exception", "EXPRESSION", "Post it")
    assert statuses(shop) == ["done"]


def test_a_wait_until_a_moment_worked_out_from_now_ends(tmp_path: Path) -> None:
    shop = Shop(tmp_path, "steps:\n  - wait: {until: '${{ today + 1 }}'}\n  - world.post: {world: WORLD, value: later}")
    report = shop.work()
    assert report.outcome == "waiting"
    shop.clock.sleep(86_400)
    assert shop.go_on(report.item).outcome == "done"


def test_finally_does_not_run_once_the_item_is_lost(tmp_path: Path) -> None:
    shop = Shop(
        tmp_path,
        """
        steps:
          - group:
              steps: [{world.read: {value: 1}}, {world.post: {world: WORLD, value: x}}]
              finally: [{world.read: {value: 2}}]
        """,
    )
    begun: list[str] = []

    def take_over(event: Any) -> None:
        if event.name == "step.begun":
            begun.append(event.path)
        if event.path == "steps.0.group.1":
            with shop.database.write() as tx:
                tx.execute(tables.items.update().values(claim=tables.items.c.claim + 1))

    shop.engine.events.listen(take_over)
    shop.engine.work_one()
    assert shop.posts == [] and "steps.0.finally.0" not in begun


# -- children ---------------------------------------------------------------------------------------------------------

PARENT = """
workflow: shop
inputs: {n: integer}
steps:
  - if: ${{ item.n == 1 }}
    queue.add: {workflow: shop, items: [{n: 2}, {n: 3}]}
    as: children
outputs: {added: "${{ children.added if children else 0 }}"}
"""


def test_children_without_a_key_are_added_once_whatever_happens_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Shop(tmp_path, PARENT)
    item = shop.add(n=1)

    def fall(event: Any) -> None:
        if event.name == "step.done":
            raise KeyboardInterrupt

    shop.engine.events.listen(fall)
    with pytest.raises(KeyboardInterrupt):
        shop.engine.work_one()
    with shop.database.write() as tx:
        tx.execute(tables.items.update().where(tables.items.c.id == item).values(state=State.READY))
    fresh(shop)
    assert shop.go_on(item).outputs == {"added": 2}
    with shop.database.read() as tx:
        assert len(rows(tx, tables.items.select())) == 3


def test_values_may_not_be_changed_after_items_were_queued_with_them(tmp_path: Path) -> None:
    shop = Shop(
        tmp_path,
        """
        steps:
          - world.read: {value: 2}
            as: reading
          - if: ${{ item.n == 1 }}
            queue.add: {workflow: shop, items: [{n: "${{ reading.value }}"}]}
          - fail: {code: LATER, message: something else}
        """,
    )
    report = shop.work()
    with shop.database.write() as tx, pytest.raises(UsageError, match="items were already queued with these values"):
        exceptions.correct(tx, report.item, MARY, {"value": 3}, NOW)


# -- errors that are not the item's -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "code", "message"),
    [
        ("world.read: {value: 1}\n    secrets: [nowhere]", "CONFIGURATION", "there is no secret nowhere"),
        ("call: {workflow: '${{ text(item.n) }}'}", "BAD_INPUT", "no workflow 1"),
        ("queue.add: {workflow: shop, items: [{m: 1}]}", "BAD_INPUT", "m is not an input of shop"),
        ("wait: {item: nobody}", "BAD_INPUT", "no item nobody"),
        ("wait: {for: '${{ text(item.n) }}'}", "BAD_INPUT", "'1'"),
        ("call: {workflow: shop}", "ENGINE_ERROR", "RecursionError"),
    ],
)
def test_what_goes_wrong_in_a_step_ends_with_a_person_and_not_the_worker(
    tmp_path: Path, step: str, code: str, message: str
) -> None:
    shop = Shop(tmp_path, f"{ONCE}steps:\n  - {step}")
    report = shop.work()
    assert report.outcome in ("exception", "failed")
    assert report.code == code and message in str(report.message)
    retry(shop, report.item)


def test_a_workflow_that_cannot_be_read_any_more_ends_with_a_person(tmp_path: Path) -> None:
    shop = Shop(tmp_path, "steps:\n  - approve: {by: anybody}\n  - world.read: {value: 1}")
    report = shop.work()
    approve(shop, report.item)
    shop.file.write_text("workflow: shop\nsteps:\n  - set: {a: 1}")
    fresh(shop)
    shop.engine.registry = {}
    shop.engine.library.registry = {}
    report = shop.go_on(report.item)
    assert (report.outcome, report.code) == ("failed", "WORKFLOW_CHANGED")
    assert "unknown action world.read" in str(report.message)


def test_text_that_is_not_proper_unicode_is_kept(tmp_path: Path) -> None:
    shop = Shop(
        tmp_path,
        """
        workflow: shop
        inputs: {name: text}
        steps:
          - world.read: {value: "${{ item.name }}"}
            as: reading
        outputs: {name: "${{ reading.value }}"}
        """,
    )
    assert shop.work(name="a\udce9\0b").outputs == {"name": "a\udce9\0b"}


def test_the_look_up_of_a_called_workflow_is_its_own_and_its_inputs_have_their_defaults(tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text(
        f"""
workflow: other
inputs: {{a: {{type: integer, required: false, default: 7}}}}
steps:
  - world.shout: {{world: {tmp_path}/world.sqlite, value: "${{{{ item.a }}}}", fail: lost_answer}}
    effect: {{key: "${{{{ item.a }}}}", verify: look}}
    as: p
verify:
  look: [{{settle: {{done: true, not_done: false, result: {{id: 4}}}}}}]
outputs: {{id: "${{{{ p.id }}}}"}}
"""
    )
    shop = Shop(tmp_path, "steps:\n  - call: {workflow: other}\n    as: got\noutputs: {id: '${{ got.id }}'}")
    shop.engine.library.folders.append(tmp_path / "other.yaml")
    shop.engine.library.refresh()
    report = shop.work()
    assert (report.outcome, report.outputs, shop.posts) == ("done", {"id": 4}, ["7"])


# -- look-ups only read -----------------------------------------------------------------------------------------------


def test_a_look_up_that_calls_a_workflow_with_an_effect_does_not_do_it(tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text(
        f"workflow: other\nsteps:\n  - world.post: {{world: {tmp_path}/world.sqlite, value: from the look-up}}\n"
    )
    shop = Shop(
        tmp_path,
        """
        steps:
          - world.shout: {world: WORLD, value: x, fail: lost_answer}
            effect: {verify: look}
        verify:
          look:
            - call: {workflow: other}
            - settle: {done: true, not_done: false}
        """,
    )
    shop.engine.library.folders.append(tmp_path / "other.yaml")
    shop.engine.library.refresh()
    report = shop.work()
    assert shop.posts == ["x"]
    assert report.code == "EFFECT_IN_LOOK_UP" and "world.post is an effect, and a look-up only reads" in str(
        report.message
    )


# -- decisions and leases ---------------------------------------------------------------------------------------------


def test_two_people_cannot_decide_at_once(tmp_path: Path, postgres: PostgresServer) -> None:
    database = Database(postgres.new_database("two_people"))
    shop = Shop(tmp_path, "steps:\n  - approve: {by: anybody}\n  - world.post: {world: WORLD, value: x}", database)
    report = shop.work()
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as other, database.write() as tx:
        exceptions.reject(tx, report.item, MARY, NOW, reason="no")
        late = other.submit(approve, shop, report.item)
        with pytest.raises(TimeoutError):
            late.result(0.5)
        audit.flush(tx)
        tx.commit()
        with pytest.raises(UsageError, match="already decided|nothing stands"):
            late.result(10)
    assert shop.go_on(report.item).code == "REJECTED" and shop.posts == []
    database.close()


def test_an_item_that_was_just_claimed_is_not_discarded(tmp_path: Path, postgres: PostgresServer) -> None:
    database = Database(postgres.new_database("just_claimed"))
    shop = Shop(tmp_path, "steps:\n  - set: {a: 1}", database)
    item = shop.add()
    from concurrent.futures import ThreadPoolExecutor

    def discard() -> None:
        with database.write() as tx:
            items.close(tx, item, State.DISCARDED, NOW, "DISCARDED", "discarded")

    with ThreadPoolExecutor(1) as other, database.write() as tx:
        assert items.claim(tx, "elsewhere:1:1", NOW) is not None
        late = other.submit(discard)
        with pytest.raises(TimeoutError):
            late.result(0.5)
        tx.commit()
        with pytest.raises(UsageError, match="is running"):
            late.result(10)
    database.close()


def test_the_lease_is_renewed_again_after_the_store_was_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    import sqlalchemy as sa

    shop = Shop(tmp_path, "steps:\n  - set: {a: 1}")
    shop.engine.lease = timedelta(seconds=0.04)
    tried, twice = [0], threading.Event()

    def renew(*_: Any) -> None:
        tried[0] += 1
        if tried[0] == 1:
            raise sa.exc.OperationalError("renew", {}, Exception("the store is away"))
        twice.set()

    monkeypatch.setattr(items, "renew", renew)
    shop.engine._current = items.Claim("item", 1, "shop", "w")
    shop.engine._beat()
    assert twice.wait(5)
    shop.engine.close()


# -- secrets ----------------------------------------------------------------------------------------------------------


def test_attack_18_secrets_in_the_database_one_in_an_error_reaches_neither_the_journal_nor_the_queue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from peers import world

    from engine.errors import ApplicationException, Outcome

    def leak(_point: str) -> None:
        raise ApplicationException(
            "DOWN", "https://me:hunter2secret@erp is down", details={"url": ["hunter2secret"]}, outcome=Outcome.NOT_DONE
        )

    shop = Shop(tmp_path, f"{ONCE}steps:\n  - world.post: {{world: WORLD, value: x}}\n    secrets: [erp]")
    shop.surroundings.secrets["erp"] = "hunter2secret"
    monkeypatch.setattr(world, "crash", leak)
    report = shop.work()
    assert (report.code, report.message) == ("DOWN", "https://me:***@erp is down")
    shop.database.close()
    kept = b"".join(file.read_bytes() for file in tmp_path.glob("clerkwork.sqlite*"))
    assert b"hunter2secret" not in kept and calls(shop.world) == 1


def test_a_mended_workflow_is_used_when_a_person_retries(tmp_path: Path) -> None:
    shop = Shop(
        tmp_path,
        'steps:\n  - world.post: {world: WORLD, value: first}\n  - world.post: {world: WORLD, value: "${{ itm.n }}"}',
    )
    shop.file.write_text(shop.file.read_text().replace("itm.n", "item.n * 'x'"))
    shop.engine.library.refresh()
    report = shop.work(n=2)
    assert report.code == "EXPRESSION"
    shop.file.write_text(shop.file.read_text().replace("item.n * 'x'", "text(item.n)"))
    shop.engine.library.refresh()
    with shop.database.write() as tx:
        exceptions.retry(tx, report.item, Person("mary"), NOW)
    assert shop.go_on(report.item).outcome == "done"
    assert shop.posts == ["first", "2"]


def test_a_workflow_changed_before_where_the_item_stands_is_not_used_for_it(tmp_path: Path) -> None:
    text = "steps:\n  - world.post: {world: WORLD, value: first}\n  - fail: {code: NO, message: no}"
    shop = Shop(tmp_path, text)
    report = shop.work()
    shop.file.write_text(
        shop.file.read_text()
        .replace("value: first", "value: other")
        .replace("fail: {code: NO, message: no}", "set: {a: 1}")
    )
    shop.engine.library.refresh()
    with shop.database.write() as tx:
        exceptions.retry(tx, report.item, Person("mary"), NOW)
    assert shop.go_on(report.item).code == "NO"
    assert shop.posts == ["first"]
