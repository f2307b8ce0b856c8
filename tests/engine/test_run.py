"""One item through its steps: outcomes, retries, parking, resuming."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from fakes.shop import NOW, Shop
from peers.world import calls

from engine import exceptions, items, ledger
from engine.errors import UsageError
from engine.exceptions import Person
from engine.store import tables
from engine.store.database import Database, rows

MARY, JOHN = Person("mary", ("ap-clerks",)), Person("john", ("ap-lead",))


def test_an_item_goes_through_its_steps_and_gives_its_outputs(tmp_path: Path, database: Database) -> None:
    shop = Shop(
        tmp_path,
        """
        steps:
          - world.read: {value: "${{ item.n }}"}
            as: reading
          - set: {twice: "${{ reading.value * 2 }}"}
          - world.post: {world: WORLD, value: "n is ${{ twice }}"}
            as: post
        outputs: {id: "${{ post.id }}", twice: "${{ twice }}"}
        """,
        database,
    )
    report = shop.work(n=21)
    assert (report.outcome, report.code, report.outputs) == ("done", None, {"id": 1, "twice": 42})
    assert shop.posts == ["n is 42"]


def test_a_step_whose_condition_is_false_is_skipped_and_its_result_is_null(tmp_path: Path) -> None:
    shop = Shop(
        tmp_path,
        """
        steps:
          - if: ${{ item.n > 1 }}
            world.post: {world: WORLD, value: big}
            as: post
          - if: ${{ post == None }}
            world.post: {world: WORLD, value: small}
        """,
    )
    assert shop.work(n=1).outcome == "done"
    assert shop.posts == ["small"]


def test_for_each_runs_the_step_once_for_each_value(tmp_path: Path) -> None:
    shop = Shop(
        tmp_path,
        """
        steps:
          - for_each: ${{ ['a', 'b', 'c'] }}
            each: letter
            world.post: {world: WORLD, value: "${{ letter }}"}
            as: posted
        outputs: {ids: "${{ [p.id for p in posted] }}"}
        """,
    )
    assert shop.work().outputs == {"ids": [1, 2, 3]}
    assert shop.posts == ["a", "b", "c"]


def test_a_declared_failure_is_a_business_exception_and_is_not_retried(tmp_path: Path) -> None:
    shop = Shop(
        tmp_path, "steps:\n  - name: Stop here\n    fail: {code: NO_GOOD, message: 'number ${{ item.n }} is no good'}"
    )
    report = shop.work(n=7)
    assert (report.outcome, report.code, report.message, report.step) == (
        "exception",
        "NO_GOOD",
        "number 7 is no good",
        "Stop here",
    )
    assert shop.clock.now() == NOW


def test_a_condition_that_is_not_a_bool_says_where_and_what(tmp_path: Path) -> None:
    shop = Shop(tmp_path, "steps:\n  - if: ${{ item.n }}\n    set: {a: 1}")
    report = shop.work(n=7)
    assert report.code == "EXPRESSION"
    assert f"{shop.file}:4:9: the condition gives int 7, expected true or false" in (report.message or "")


def test_an_application_exception_is_tried_again_by_policy_then_a_person_is_asked(tmp_path: Path) -> None:
    shop = Shop(
        tmp_path,
        """
        queue: {retry: {attempts: 3, wait: 30s, factor: 2, jitter: false}}
        steps:
          - world.post: {world: WORLD, value: x, fail: down}
        """,
    )
    report = shop.work()
    assert (report.outcome, report.code) == ("failed", "DOWN")
    assert calls(shop.world) == 3
    assert shop.clock.now() - NOW == timedelta(seconds=90)
    with shop.database.read() as transaction:
        assert [row["kind"] for row in exceptions.open_exceptions(transaction)] == ["application"]


def test_a_system_that_comes_back_lets_the_item_go_on(tmp_path: Path, database: Database) -> None:
    shop = Shop(tmp_path, "steps:\n  - world.post: {world: WORLD, value: x, fail: down twice}", database)
    assert shop.work().outcome == "done"
    assert shop.posts == ["x"]


def test_a_lost_answer_is_looked_up_and_never_posted_again(tmp_path: Path, database: Database) -> None:
    shop = Shop(tmp_path, "steps:\n  - world.post: {world: WORLD, value: x, fail: lost_answer}", database)
    assert shop.work().outcome == "done"
    assert shop.posts == ["x"]
    with shop.database.read() as transaction:
        (effect,) = ledger.effects(transaction)
    assert (effect["status"], effect["note"]) == ("done", "found by a look-up")


def test_an_effect_nobody_can_look_up_becomes_uncertain_and_a_person_settles_it(tmp_path: Path) -> None:
    shop = Shop(
        tmp_path,
        """
        steps:
          - world.shout: {world: WORLD, value: x, fail: lost_answer}
            as: shout
        outputs: {id: "${{ shout.id }}"}
        """,
    )
    report = shop.work()
    assert (report.outcome, report.code) == ("uncertain", "UNCERTAIN")
    assert "its outcome is unknown: this action has no look-up" in (report.message or "")
    with shop.database.read() as transaction:
        assert [row["status"] for row in ledger.effects(transaction, status="uncertain")] == ["uncertain"]
    with shop.database.write() as transaction:
        with pytest.raises(UsageError, match="does not ask for an approval"):
            exceptions.approve(transaction, report.item, MARY, NOW)
        exceptions.settle(transaction, report.item, MARY, NOW, done=True, result={"id": 99})
    assert shop.go_on(report.item).outputs == {"id": 99}
    assert shop.posts == ["x"]


def test_an_uncertain_effect_is_looked_up_again_when_a_person_asks_for_it(tmp_path: Path) -> None:
    shop = Shop(tmp_path, "steps:\n  - world.shout: {world: WORLD, value: x, fail: lost_answer}")
    report = shop.work()
    for _ in range(2):
        with shop.database.write() as transaction:
            exceptions.look_up_again(transaction, report.item, MARY, NOW)
        report = shop.go_on(report.item)
        assert report.outcome == "uncertain", "there still is no look-up"
    assert shop.posts == ["x"]


def test_an_uncertain_effect_that_was_not_done_is_done_now(tmp_path: Path) -> None:
    shop = Shop(tmp_path, "steps:\n  - world.shout: {world: WORLD, value: x, fail: lost_answer}")
    report = shop.work()
    with shop.database.write() as transaction:
        exceptions.settle(transaction, report.item, MARY, NOW, done=False)
    assert shop.go_on(report.item).outcome == "done"
    assert shop.posts == ["x", "x"], "a person said that the first one did not happen"


def test_a_workflow_looks_its_own_effect_up(tmp_path: Path) -> None:
    shop = Shop(
        tmp_path,
        """
        steps:
          - world.shout: {world: WORLD, value: x, fail: lost_answer}
            effect: {key: "n/${{ item.n }}", verify: find_shout}
            as: shout
        verify:
          find_shout:
            - world.list: {world: WORLD, value: x}
              as: found
            - settle: {done: "${{ found.value == 1 }}", not_done: "${{ found.value == 0 }}", result: {id: 5}}
        outputs: {id: "${{ shout.id }}"}
        """,
    )
    report = shop.work()
    assert (report.outcome, report.outputs, shop.posts) == ("done", {"id": 5}, ["x"])


def test_a_bug_in_a_bot_ends_in_the_exception_queue_with_its_name(tmp_path: Path) -> None:
    shop = Shop(tmp_path, "queue: {retry: {attempts: 1}}\nsteps:\n  - world.shout: {world: WORLD, value: x, fail: bug}")
    report = shop.work()
    assert (report.outcome, report.code) == ("failed", "BOT_ERROR")
    assert "world.shout stopped with ZeroDivisionError: a bug in a bot" in (report.message or "")


def test_another_item_with_the_same_key_of_an_effect_is_a_duplicate(tmp_path: Path, database: Database) -> None:
    shop = Shop(
        tmp_path,
        """
        steps:
          - world.post: {world: WORLD, value: "${{ item.n }}"}
            effect: {key: always the same}
        """,
        database,
    )
    first, second = shop.work(n=1), shop.work(n=2)
    assert (first.outcome, second.outcome, second.code) == ("done", "exception", "DUPLICATE_EFFECT")
    assert f"world.post with the key always the same was already done for item {first.item}" in (second.message or "")
    assert shop.posts == ["1"]


def test_an_effect_is_one_also_where_its_input_is_only_known_in_the_run(tmp_path: Path) -> None:
    shop = Shop(tmp_path, 'steps:\n  - world.post: {world: WORLD, value: x, times: "${{ item.n }}"}')
    assert shop.work().outcome == "done"
    with shop.database.read() as tx:
        assert [row["status"] for row in ledger.effects(tx)] == ["done"]


def test_an_empty_part_of_an_effect_key_is_refused(tmp_path: Path) -> None:
    shop = Shop(
        tmp_path,
        """
        steps:
          - set: {tax_id: ''}
          - world.post: {world: WORLD, value: x}
            effect: {key: "${{ tax_id }}/${{ item.n }}"}
        """,
    )
    report = shop.work()
    assert report.code == "EFFECT_KEY" and "the key of the effect is '/1', a part of it is empty" in str(report.message)
    assert shop.posts == []


REVIEWED = """
steps:
  - name: Read it
    world.read: {value: "${{ item.n }}", confidence: 0.4}
    as: reading
    review: {when: "${{ reading.confidence < 0.9 }}", assign: ap-clerks}
  - approve: {by: ap-lead, not: corrector, within: 1 business day, show: [reading.value]}
  - world.post: {world: WORLD, value: "${{ reading.value }}"}
"""


def test_a_doubtful_reading_waits_for_a_person_and_holds_nothing(tmp_path: Path, database: Database) -> None:
    shop = Shop(tmp_path, REVIEWED, database)
    report = shop.work(n=3)
    assert (report.outcome, report.code, report.step) == ("waiting", "REVIEW", "Read it")
    assert shop.engine.work_one() is None
    with shop.database.write() as tx:
        with pytest.raises(UsageError, match="is assigned to ap-clerks; john is not in that team"):
            exceptions.correct(tx, report.item, JOHN, {"value": 4}, NOW)
        exceptions.correct(tx, report.item, MARY, {"value": 4}, NOW)
    report = shop.go_on(report.item)
    assert (report.outcome, report.code) == ("waiting", "APPROVAL")
    both = Person("mary", ("ap-lead",))
    with shop.database.write() as tx:
        with pytest.raises(UsageError, match="mary corrected this item and may not approve it"):
            exceptions.approve(tx, report.item, both, NOW)
        exceptions.approve(tx, report.item, JOHN, NOW)
    assert shop.go_on(report.item).outcome == "done"
    assert shop.posts == ["4"]


def test_an_approval_is_bound_to_what_was_shown(tmp_path: Path) -> None:
    shop = Shop(tmp_path, REVIEWED.replace("confidence: 0.4", "confidence: 0.95"))
    report = shop.work(n=3)
    with shop.database.write() as tx:
        exception = exceptions.find(tx, report.item)
        assert exception["details"]["show"] == {"reading.value": 3}
        with pytest.raises(UsageError, match="changed since it was shown"):
            exceptions.approve(tx, report.item, JOHN, NOW, seen="something else")
        exceptions.approve(tx, report.item, JOHN, NOW, seen=exceptions.seen_hash(exception))


def test_a_rejected_item_is_closed_with_its_reason_and_never_runs(tmp_path: Path, database: Database) -> None:
    shop = Shop(tmp_path, REVIEWED, database)
    report = shop.work(n=3)
    with shop.database.write() as tx:
        with pytest.raises(UsageError, match="a rejection needs a reason"):
            exceptions.reject(tx, report.item, MARY, NOW, reason=" ")
        exceptions.reject(tx, report.item, MARY, NOW, reason="not ours")
        assert exceptions.open_exceptions(tx) == []
    report = shop.go_on(report.item)
    assert (report.outcome, report.code, report.message) == ("exception", "REJECTED", "rejected by mary: not ours")
    assert shop.posts == []


def test_values_may_not_be_changed_after_something_was_done_with_them(tmp_path: Path) -> None:
    shop = Shop(
        tmp_path,
        """
        steps:
          - world.read: {value: 1}
            as: reading
          - world.post: {world: WORLD, value: "${{ reading.value }}"}
          - fail: {code: LATER, message: something else is wrong}
        """,
    )
    report = shop.work()
    with shop.database.write() as tx, pytest.raises(UsageError, match="world.post was already done with these values"):
        exceptions.correct(tx, report.item, MARY, {"value": 2}, NOW)


def test_a_correction_after_a_business_exception_does_what_came_after_it_again(tmp_path: Path) -> None:
    shop = Shop(
        tmp_path,
        """
        steps:
          - world.read: {value: 1}
            as: reading
          - set: {twice: "${{ reading.value * 2 }}"}
          - if: ${{ twice < 4 }}
            fail: {code: TOO_SMALL, message: "${{ twice }} is too small"}
          - world.post: {world: WORLD, value: "${{ twice }}"}
        """,
    )
    report = shop.work()
    assert report.code == "TOO_SMALL"
    with shop.database.write() as tx:
        exceptions.correct(tx, report.item, MARY, {"value": 21}, NOW)
    assert shop.go_on(report.item).outcome == "done"
    assert shop.posts == ["42"]


def test_a_retry_goes_on_from_the_step_that_failed_with_its_attempts_anew(tmp_path: Path) -> None:
    shop = Shop(
        tmp_path,
        """
        queue: {retry: {attempts: 1}}
        steps:
          - world.post: {world: WORLD, value: first}
          - world.post: {world: WORLD, value: second, fail: down twice}
        """,
    )
    report = shop.work()
    for outcome in ("failed", "done"):
        assert report.outcome == "failed"
        with shop.database.write() as tx:
            exceptions.retry(tx, report.item, MARY, NOW)
        report = shop.go_on(report.item)
        assert report.outcome == outcome
    assert shop.posts == ["first", "second"]


def test_on_error_takes_over_and_the_item_goes_on(tmp_path: Path) -> None:
    shop = Shop(
        tmp_path,
        """
        queue: {retry: {attempts: 1}}
        steps:
          - world.post: {world: WORLD, value: x, fail: down}
            on_error:
              - world.post: {world: WORLD, value: "failed with ${{ error.code }}"}
          - world.post: {world: WORLD, value: y, fail: refused}
            on_error: continue
          - group:
              steps:
                - world.post: {world: WORLD, value: in the group}
              finally:
                - world.post: {world: WORLD, value: at last}
        """,
    )
    assert shop.work().outcome == "done"
    assert shop.posts == ["failed with DOWN", "in the group", "at last"]


def test_the_circuit_breaker_pauses_the_queue(tmp_path: Path) -> None:
    shop = Shop(
        tmp_path,
        """
        queue: {retry: {attempts: 1}, stop_after: 2 failures in a row}
        steps:
          - world.post: {world: WORLD, value: x, fail: down}
        """,
    )
    heard: list[str] = []
    shop.engine.events.listen(lambda event: heard.append(event.name))
    added = [shop.add(n=n) for n in range(3)]
    shop.engine.work_until_idle(added)
    assert heard.count("queue.paused") == 1
    assert [shop.engine.report(item).outcome for item in added] == ["failed", "failed", "waiting"]
    with shop.database.read() as tx:
        assert rows(tx, tables.queues.select())[0]["reason"] == "2 failures in a row"


def test_waiting_for_a_time_holds_nothing_and_goes_on_by_itself(tmp_path: Path) -> None:
    shop = Shop(tmp_path, "steps:\n  - wait: {for: 2 hours}\n  - world.post: {world: WORLD, value: later}")
    report = shop.work()
    assert report.outcome == "waiting" and shop.posts == []
    shop.clock.sleep(7201)
    assert shop.engine.work_one() == report.item
    assert shop.posts == ["later"]


def test_a_dry_run_does_no_effect_and_says_what_it_would_do(tmp_path: Path) -> None:
    shop = Shop(
        tmp_path,
        """
        steps:
          - world.read: {value: "${{ item.n }}"}
            as: reading
          - world.post: {world: WORLD, value: "n ${{ reading.value }}"}
            effect: {key: "n/${{ item.n }}"}
            as: posted
          - world.shout: {world: WORLD, value: "id ${{ posted.id }}"}
        """,
        dry_run=True,
    )
    report = shop.work(n=5)
    assert report.outcome == "done" and shop.posts == []
    first, second = shop.engine.would_do[report.item]
    assert (first.action, first.key, first.target, first.changes) == (
        "world.post",
        "n/5",
        "a post",
        {"value": [None, "n 5"]},
    )
    assert second.changes["value"] == [None, "id 0"]


def test_a_dry_run_refuses_an_effect_even_if_the_bot_is_called_directly(tmp_path: Path) -> None:
    from engine.errors import EffectForbidden
    from engine.perform import _call, _context
    from engine.run import Run

    shop = Shop(tmp_path, "steps:\n  - world.shout: {world: WORLD, value: x}", dry_run=True)
    shop.add()
    flow = shop.engine.library.get("shop")
    step = flow.steps[0]
    assert step.action
    from engine import journal

    with shop.database.write() as tx:
        claim = items.claim(tx, "w:1:1", NOW)
        assert claim
        run = Run(shop.engine, flow, journal.begin_in(tx, claim, flow, NOW), {})
    with pytest.raises(EffectForbidden, match=r"world\.shout is an effect and was about to run in a dry run"):
        _call(
            step.action,
            step,
            {"world": str(shop.world), "value": "x"},
            _context(run, step, "p", "k"),
            step.action.function,
        )
    assert shop.posts == []


def test_a_worker_whose_item_was_taken_over_stops_before_its_next_effect(tmp_path: Path, database: Database) -> None:
    shop = Shop(
        tmp_path,
        """
        steps:
          - world.post: {world: WORLD, value: first}
          - world.post: {world: WORLD, value: second}
        """,
        database,
    )
    item = shop.add()

    def take_over(event: object) -> None:
        if getattr(event, "name", "") == "step.begun" and getattr(event, "path", "") == "steps.1":
            with shop.database.write() as tx:
                tx.execute(tables.items.update().values(claim=tables.items.c.claim + 1))

    shop.engine.events.listen(take_over)
    heard: list[str] = []
    shop.engine.events.listen(lambda event: heard.append(event.name))
    shop.engine.work_one([item])
    assert shop.posts == ["first"] and heard[-1] == "item.lost"


def test_child_items_are_added_once(tmp_path: Path) -> None:
    shop = Shop(
        tmp_path,
        """
        workflow: shop
        inputs: {n: integer}
        queue: {key: "${{ item.n }}"}
        steps:
          - if: ${{ item.n == 1 }}
            queue.add: {workflow: shop, items: [{n: 2}, {n: 3}, {n: 2}]}
            as: children
          - world.post: {world: WORLD, value: "${{ item.n }}"}
        outputs: {added: "${{ children.added if children else 0 }}"}
        """,
    )
    assert shop.work(n=1).outputs == {"added": 2}
    while shop.engine.work_one():
        pass
    assert shop.posts == ["1", "2", "3"]


def test_a_called_workflow_gives_its_outputs(tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text(
        "workflow: other\ninputs: {a: integer}\nsteps:\n"
        f"  - world.post: {{world: {tmp_path}/world.sqlite, value: '${{{{ item.a }}}}'}}\n    as: p\n"
        "outputs: {id: '${{ p.id }}'}\n"
    )
    shop = Shop(
        tmp_path, "steps:\n  - call: {workflow: other, inputs: {a: 9}}\n    as: got\noutputs: {id: '${{ got.id }}'}"
    )
    shop.engine.library.folders.append(tmp_path / "other.yaml")
    shop.engine.library.refresh()
    assert shop.work().outputs == {"id": 1}
    assert shop.posts == ["9"]
