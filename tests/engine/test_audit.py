"""The audit log: attack 24 (edit, delete, cut the tail, write the chain anew), concurrent writers, forgetting."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fakes.shop import NOW, Shop
from peers.postgres import PostgresServer

from engine import acts, exceptions, retention
from engine.acts import Did
from engine.audit import Finding, anchor, anchors_in, lines_of, verify
from engine.errors import UsageError
from engine.exceptions import Person
from engine.store import tables
from engine.store.audit import FIRST, mac_of
from engine.store.database import Database, Transaction, rows

KEY = b"a key that is not in the store"
MARY = Person("mary", admin=True)
STEPS = """
steps:
  - name: Sign off
    approve: {by: anybody}
  - world.post: {world: WORLD, value: x}
"""


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        made = Database(f"sqlite:///{tmp_path}/store.sqlite")
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        made = Database(server.new_database(f"audit_{abs(hash(request.node.name))}"))
    made.audited(KEY, "console")
    made.migrate()
    yield made
    made.close()


@pytest.fixture
def shop(store: Database, tmp_path: Path) -> Shop:
    """A shop in which five things were done: a comment, a yes, a comment, a no, a comment."""
    shop = Shop(tmp_path, STEPS, store)
    for decide in (exceptions.approve, exceptions.reject):
        item = shop.work().item
        with store.write() as transaction:
            acts.note(transaction, Did("ada", "commented", item, text="Mr Smith called"), NOW)
        with store.write() as transaction:
            decide(transaction, item, MARY, NOW, reason="Mr Smith is right")
    with store.write() as transaction:
        acts.note(transaction, Did("ada", "paused", workflow="shop", text="stocktaking"), NOW)
    return shop


def change_store(store: Database, change: Callable[[Transaction], object]) -> None:
    with store.write() as transaction:
        change(transaction)


def found(store: Database, file: Path | None = None) -> list[Finding]:
    return list(verify(store, KEY, anchors_in(file) if file is not None else []).findings)


def test_each_act_is_a_line_with_who_what_and_by_which_door(store: Database, shop: Shop) -> None:
    with store.read() as transaction:
        told = [(line["number"], line["person"], line["origin"], line["act"]) for line in lines_of(transaction)]
    assert told == [
        (5, "ada", "console", "paused"),
        (4, "mary", "console", "reject"),
        (3, "ada", "console", "commented"),
        (2, "mary", "console", "approve"),
        (1, "ada", "console", "commented"),
    ]
    checked = verify(store, KEY, [])
    assert (checked.lines, checked.findings) == (5, [])


def test_lines_are_found_by_person_act_and_subject_page_by_page(store: Database, shop: Shop) -> None:
    with store.read() as transaction:
        assert [line["number"] for line in lines_of(transaction, person="mary")] == [4, 2]
        assert [line["number"] for line in lines_of(transaction, act="commented", limit=1)] == [3]
        assert [line["number"] for line in lines_of(transaction, act="commented", before=3)] == [1]
        assert len(lines_of(transaction, about="shop/item_")) == 2
        assert lines_of(transaction, about="%") == []


def test_what_is_undone_leaves_no_line(store: Database, shop: Shop) -> None:
    with pytest.raises(RuntimeError), store.write() as transaction:
        acts.note(transaction, Did("ada", "commented"), NOW)
        raise RuntimeError
    with store.write() as transaction:
        assert lines_of(transaction, limit=1)[0]["number"] == 5
    assert found(store) == []


def test_what_is_personal_is_not_in_a_line_and_forgetting_it_is_no_finding(store: Database, shop: Shop) -> None:
    with store.read() as transaction:
        items = [row["id"] for row in rows(transaction, tables.items.select())]
        assert "Smith" not in str([dict(line) for line in lines_of(transaction)])
    retention.forget(store, shop.surroundings.artifacts, items, NOW)
    assert found(store) == []


# -- attack 24 ----------------------------------------------------------------------------------------------------------


EDITS = {
    "person": {"person": "somebody else"},
    "act": {"act": "approve"},
    "time": {"at": NOW.replace(year=2025)},
    "subject": {"about": "shop/item_2"},
    "origin": {"origin": "api"},
    "digest": {"lasting": "0" * 64},
    "mac": {"mac": "0" * 64},
}


@pytest.mark.parametrize("edit", EDITS)
def test_attack_24_edit_of_a_line_is_found(store: Database, shop: Shop, edit: str) -> None:
    table = tables.audit
    change_store(store, lambda at: at.execute(table.update().where(table.c.number == 4).values(**EDITS[edit])))
    (finding,) = found(store)
    assert (finding.number, finding.what[:32]) == (4, "the line is not what was written")


def test_attack_24_delete_of_a_line_is_found(store: Database, shop: Shop) -> None:
    table = tables.audit
    change_store(store, lambda at: at.execute(table.delete().where(table.c.number == 2)))
    assert found(store) == [Finding(2, "the line is missing; 3 follows", "line 2")]


def test_attack_24_swapped_lines_are_found(store: Database, shop: Shop) -> None:
    table = tables.audit

    def swap(transaction: Transaction) -> None:
        for old, new in ((2, 99), (4, 2), (99, 4)):
            transaction.execute(table.update().where(table.c.number == old).values(number=new))

    change_store(store, swap)
    assert [finding.number for finding in found(store)] == [2]


def test_attack_24_a_tail_that_is_cut_off_is_found(store: Database, shop: Shop, tmp_path: Path) -> None:
    table, head, file = tables.audit, tables.audit_head, tmp_path / "anchors"
    assert anchor(store, file, NOW) is not None
    change_store(store, lambda at: at.execute(table.delete().where(table.c.number > 3)))
    assert [finding.number for finding in found(store)] == [3]  # the head says that there is more

    def cut(transaction: Transaction) -> None:
        last = rows(transaction, table.select().where(table.c.number == 3))[0]
        transaction.execute(head.update().values(number=3, mac=last["mac"]))

    change_store(store, cut)
    assert found(store) == []  # without what was anchored outside nobody could know
    assert found(store, file) == [
        Finding(3, "the lines after this one are gone", "line 5, anchored at 2026-03-02T09:00:00+00:00")
    ]


def test_attack_24_a_chain_that_is_written_anew_is_found(store: Database, shop: Shop, tmp_path: Path) -> None:
    table, file = tables.audit, tmp_path / "anchors"
    anchor(store, file, NOW)

    def again(key: bytes) -> Callable[[Transaction], None]:
        def write(transaction: Transaction) -> None:
            before = FIRST
            for line in rows(transaction, table.select().order_by(table.c.number)):
                told = {**line, "person": "somebody else"} if line["number"] == 2 else dict(line)
                before = mac_of(key, before, told)
                changed = table.update().where(table.c.number == line["number"])
                transaction.execute(changed.values(person=told["person"], mac=before))
            transaction.execute(tables.audit_head.update().values(mac=before))

        return write

    change_store(store, again(b"another key"))
    assert [finding.number for finding in found(store)] == [1]
    change_store(store, again(KEY))  # whoever has the key too is found by what was anchored
    assert found(store) == []
    assert [finding.what for finding in found(store, file)] == ["the chain was written anew up to this line"]


@pytest.mark.parametrize(
    "edit", [{"kind": "approve"}, {"person": "ada"}, {"reason": "Mr Smith is wrong"}, {"corrections": {"total": "1"}}]
)
def test_attack_24_edit_of_a_decision_is_found(store: Database, shop: Shop, edit: dict[str, object]) -> None:
    table = tables.decisions
    change_store(store, lambda at: at.execute(table.update().where(table.c.kind == "reject").values(**edit)))
    (finding,) = found(store)
    assert finding.number == 4
    assert finding.what.endswith("is not what was decided")


def test_attack_24_delete_of_a_decision_is_found(store: Database, shop: Shop) -> None:
    change_store(store, lambda at: at.execute(tables.decisions.delete().where(tables.decisions.c.kind == "reject")))
    (finding,) = found(store)
    assert (finding.number, finding.what[-7:]) == (4, "is gone")


# -- writers and anchors ------------------------------------------------------------------------------------------------


def test_many_writers_make_one_chain(store: Database) -> None:
    def work(name: int) -> None:
        for number in range(10):
            with store.write() as transaction:
                acts.note(transaction, Did(f"writer {name}", "commented", text=str(number)), NOW)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))
    checked = verify(store, KEY, [])
    assert (checked.lines, checked.findings) == (60, [])


def test_an_anchor_is_written_once_for_each_head_and_is_nobody_elses_to_read(
    store: Database, shop: Shop, tmp_path: Path
) -> None:
    file = tmp_path / "deep" / "anchors"
    assert anchor(store, file, NOW) is not None
    assert anchor(store, file, NOW) is None
    change_store(store, lambda at: acts.note(at, Did("ada", "resumed", workflow="shop"), NOW))
    made = anchor(store, file, NOW)
    assert made is not None
    assert [one.number for one in anchors_in(file)] == [5, 6]
    assert file.stat().st_mode & 0o777 == 0o600
    assert found(store, file) == []
    file.write_text("x\n")
    with pytest.raises(UsageError, match=r"anchors:1: this is no anchor: 'x'; bring the file back from a copy"):
        anchors_in(file)


def test_another_key_does_not_make_the_chain_hold(store: Database, shop: Shop) -> None:
    assert verify(store, b"", []).findings[0].number == 1
