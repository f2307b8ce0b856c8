"""What a restored store does not know of: it was done outside after the backup, and may not be done twice."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from fakes.shop import NOW, Shop
from peers.world import open_world

from engine import exceptions
from engine.exceptions import Person
from engine.restored import LOOK_UP_NEW, remember
from engine.store.database import Database

STEP = """
steps:
  - world.{what}: {{world: WORLD, value: a}}
    effect: {{key: "a/${{{{ item.n }}}}"}}
"""
ADA = Person("ada", admin=True)


def restored_shop(folder: Path, database: Database, what: str) -> tuple[Shop, str]:
    """A store with an item that was ready when it was saved; then it is put back."""
    shop = Shop(folder, STEP.format(what=what), database)
    item = shop.add()
    with database.write() as transaction:
        remember(transaction, NOW + timedelta(minutes=1))
    shop.clock.sleep(120)
    return shop, item


def test_what_was_posted_after_the_backup_is_found_and_not_posted_again(tmp_path: Path, database: Database) -> None:
    shop, item = restored_shop(tmp_path, database, "post")
    world = open_world(str(shop.world))
    world.execute("INSERT INTO posts (key, value) VALUES ('a/1', 'a')")
    world.close()
    assert shop.go_on(item).outcome == "done"
    assert shop.posts == ["a"]


def test_what_was_not_posted_is_posted_once(tmp_path: Path, database: Database) -> None:
    shop, item = restored_shop(tmp_path, database, "post")
    assert shop.go_on(item).outcome == "done"
    assert shop.posts == ["a"]


def test_what_has_no_look_up_waits_for_a_person_who_says_it_once(tmp_path: Path, database: Database) -> None:
    shop, item = restored_shop(tmp_path, database, "shout")
    report = shop.go_on(item)
    assert (report.outcome, shop.posts) == ("uncertain", [])
    assert report.message == (
        "world.shout (key a/1) may have been done before the store was restored from a backup "
        "at 2026-03-02 09:01:00 UTC: "
        "this action has no look-up, and the step names no `verify`; look in the target system, then say whether it was done"
    )
    with database.write() as transaction:
        exceptions.settle(transaction, item, ADA, shop.clock.now(), done=False)
    assert shop.go_on(item).outcome == "done"
    assert shop.posts == ["a"]


@pytest.mark.parametrize(("later", "outcome"), [(timedelta(0), "uncertain"), (LOOK_UP_NEW, "done")])
def test_an_item_that_comes_soon_after_a_restore_may_have_been_there_before(
    tmp_path: Path, database: Database, later: timedelta, outcome: str
) -> None:
    shop, _ = restored_shop(tmp_path, database, "shout")
    shop.clock.sleep(later.total_seconds())
    assert shop.work(n=2).outcome == outcome
