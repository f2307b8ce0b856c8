"""What items held is forgotten when its time is over or a person asks; what was done is never done again by that."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from fakes.shop import Shop

from engine import items, retention
from engine.errors import UsageError
from engine.items import State
from engine.store import tables
from engine.store.database import Database, rows

DAY = timedelta(days=1)
NAME = "Jane Q. Roe-Müller"
SENDS = """
workflow: shop
inputs:
  n: {type: integer, required: false, default: 1}
  who: {type: text, required: false, default: nobody}
  file: {type: file, required: false}
steps:
  - name: Read
    world.read: {value: "${{ item.who }}"}
    as: read
  - name: Post
    world.post: {world: WORLD, value: "${{ item.who }}"}
    effect: {key: "post/${{ item.n }}"}
outputs: {who: "${{ read.value }}"}
"""


def column(database: Database, table: sa.Table, name: str) -> list[object]:
    with database.read() as transaction:
        return [row[name] for row in rows(transaction, table.select())]


def forget_old(office: Shop, days: int | None, **keep: int) -> retention.Forgotten:
    lengths = {name: days * DAY for name, days in keep.items()}
    default = days * DAY if days is not None else None
    return retention.forget_old(office.database, office.surroundings.artifacts, lengths, default, office.clock.now())


def dumped(database: Database) -> str:
    """Every value of every table, as text."""
    with database.read() as transaction:
        found = [transaction.execute(sa.text(f"SELECT * FROM {table}")).all() for table in tables.metadata.tables]
    return repr(found)


def test_what_an_item_held_is_forgotten_when_its_time_is_over_and_its_outcome_stays(
    tmp_path: Path, database: Database
) -> None:
    shop = Shop(tmp_path, SENDS, database)
    report = shop.work(who=NAME)
    shop.clock.sleep(30 * 86400)
    assert forget_old(shop, 31) == retention.Forgotten(0, 0)
    assert forget_old(shop, 30) == retention.Forgotten(1, 0)
    assert forget_old(shop, 30) == retention.Forgotten(0, 0)
    assert NAME not in dumped(database)
    assert shop.engine.report(report.item).outcome == "done"
    assert column(database, tables.effects, "status") == ["done"]


def test_what_was_done_is_not_done_again_because_it_was_forgotten(tmp_path: Path, database: Database) -> None:
    shop = Shop(tmp_path, SENDS, database)
    shop.work(who=NAME)
    shop.clock.sleep(86400)
    forget_old(shop, 1)
    again = shop.work(who=NAME)
    assert (again.outcome, again.code) == ("exception", "DUPLICATE_EFFECT")
    assert shop.posts == [NAME]


def test_a_queue_keeps_as_long_as_it_says_and_the_settings_speak_for_the_others(
    tmp_path: Path, database: Database
) -> None:
    shop = Shop(tmp_path, SENDS, database)
    shop.work(who=NAME)
    shop.clock.sleep(10 * 86400)
    assert forget_old(shop, 5, shop=20).items == 0
    assert forget_old(shop, None).items == 0
    assert forget_old(shop, None, shop=10).items == 1


def test_an_item_that_is_open_or_on_hold_is_kept(tmp_path: Path, database: Database) -> None:
    shop = Shop(tmp_path, SENDS, database)
    done, waiting = shop.work(who=NAME).item, shop.add(n=2)
    shop.clock.sleep(100 * 86400)
    with database.write() as transaction:
        retention.hold(transaction, done, "a lawsuit")
    assert forget_old(shop, 1).items == 0
    with database.write() as transaction:
        retention.hold(transaction, done, None)
        retention.hold(transaction, "shop", "an audit")
    assert forget_old(shop, 1).items == 0
    with database.write() as transaction:
        retention.hold(transaction, "shop", None)
        assert items.get(transaction, waiting)["state"] == State.READY
    assert forget_old(shop, 1).items == 1
    unknown = pytest.raises(UsageError, match="there is no item item_0, and no queue of a workflow item_0")
    with unknown, database.write() as transaction:
        retention.hold(transaction, "item_0", "x")


def test_a_file_goes_with_the_last_item_that_has_it(tmp_path: Path, database: Database) -> None:
    shop = Shop(tmp_path, SENDS, database)
    (tmp_path / "letter.txt").write_text(NAME)
    letter = shop.surroundings.artifacts.take_in(tmp_path / "letter.txt")
    (tmp_path / "letter.txt").unlink()
    first = shop.engine.new_item(shop.engine.library.get("shop"), {"n": 1})
    second = shop.engine.new_item(shop.engine.library.get("shop"), {"n": 2})
    for new in (first, second):
        new.inputs["file"] = letter.model_dump()  # type: ignore[index]
        shop.go_on(shop.engine.add(new)[0])
        shop.clock.sleep(86400)
    assert forget_old(shop, 2) == retention.Forgotten(1, 0)
    assert Path(letter.path).read_text() == NAME
    shop.clock.sleep(86400)
    assert forget_old(shop, 2) == retention.Forgotten(1, 1)
    assert not Path(letter.path).exists()


def test_one_person_is_forgotten_whatever_the_age_and_nothing_is_left_in_the_files(
    tmp_path: Path, database: Database
) -> None:
    shop = Shop(tmp_path, SENDS, database)
    shop.work(n=1, who=NAME), shop.work(n=2, who="somebody else")
    with database.read() as transaction:
        (found,) = retention.holding(transaction, NAME)
        assert retention.holding(transaction, "Nobody At All") == []
        assert retention.holding(transaction, "100%") == []
    done = retention.erase(database, shop.surroundings.artifacts, [str(found["id"])], shop.clock.now())
    assert done == retention.Forgotten(1, 0)
    assert NAME not in dumped(database)
    assert "somebody else" in dumped(database)
    if database.is_sqlite:
        raw = b"".join(file.read_bytes() for file in tmp_path.glob("clerkwork.sqlite*"))
        assert b"somebody else" in raw
        assert NAME.encode() not in raw


def test_an_open_item_is_not_erased_and_nothing_is_by_halves(tmp_path: Path, database: Database) -> None:
    shop = Shop(tmp_path, SENDS, database)
    done, waiting = shop.work(n=1, who=NAME).item, shop.add(n=2, who=NAME)
    with pytest.raises(UsageError, match=f"item {waiting} is ready"):
        retention.erase(database, shop.surroundings.artifacts, [done, waiting], shop.clock.now())
    assert column(database, tables.items, "erased") == [None, None]
    with database.read() as transaction, pytest.raises(UsageError, match="is too short to be looked for"):
        retention.holding(transaction, "Jo")
