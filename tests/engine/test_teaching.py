"""From a correction to the next reading, over SQLite and PostgreSQL, with several people and workers at a time."""

from __future__ import annotations

import threading
from pathlib import Path

from engine import exceptions
from engine.exceptions import Person
from engine.memory import Memory
from engine.store.database import Database
from engine.store.memory import StoredMemory
from tests.documents.strange import strange
from tests.documents.teaching import Desk


def memory_of(desk: Desk) -> tuple[list[str], list[int]]:
    """The vendors by name, and how many examples each has."""
    with desk.database.read() as transaction:
        memory: Memory = StoredMemory(transaction, "document")
        return [one.name for one in memory.subjects()], [memory.count_examples(one.id) for one in memory.subjects()]


def test_corrections_made_at_the_same_moment_teach_one_vendor(database: Database, tmp_path: Path) -> None:
    desk = Desk(tmp_path, database)
    numbers = ("VG-20417", "VG-20509", "VG-20777")
    items = [desk.read(strange(tmp_path / f"{number}.pdf", number=number)).item for number in numbers]
    together, told = threading.Barrier(3), []

    def correct(item: str, number: str) -> None:
        together.wait()
        with database.write() as transaction:
            person, kept = Person(f"mary {number}"), desk.surroundings.artifacts
            exceptions.correct(transaction, item, person, {"number": number}, desk.clock.now(), artifacts=kept)
            told.append(exceptions.decisions(transaction, item)[-1]["learned"])

    threads = [threading.Thread(target=correct, args=pair) for pair in zip(items, numbers, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(told) == 3
    assert memory_of(desk) == (["Quellwerk Manufaktur GmbH"], [3])
    next_one = desk.read(strange(tmp_path / "4.pdf", number="VG-30001"))
    assert desk.field(next_one.item, "number") == ("VG-30001", "template")
    desk.engine.close()


def test_a_study_that_a_correction_overtakes_is_done_again(database: Database, tmp_path: Path) -> None:
    desk = Desk(tmp_path, database)
    for number in ("VG-20417", "VG-20509"):
        desk.correct(desk.read(strange(tmp_path / f"{number}.pdf", number=number)).item, {"number": number})
    waiting = desk.read(strange(tmp_path / "3.pdf", number="VG-21333"))
    assert [one.data["record"]["fixes"] for one in desk.templates()] == [2]
    desk.approve(waiting.item)
    # What was drawn stands until the next document asks, and is drawn again with the new example then.
    assert [one.data["record"]["fixes"] for one in desk.templates()] == [2]
    desk.read(strange(tmp_path / "4.pdf", number="VG-21400"))
    assert [one.data["record"]["fixes"] for one in desk.templates()] == [3]
    desk.engine.close()


def test_a_decision_that_is_undone_teaches_nothing(database: Database, tmp_path: Path) -> None:
    desk = Desk(tmp_path, database)
    report = desk.read(strange(tmp_path / "1.pdf"))
    try:
        with database.write() as transaction:
            kept = desk.surroundings.artifacts
            exceptions.correct(
                transaction, report.item, Person("mary"), {"number": "VG-20417"}, desk.clock.now(), artifacts=kept
            )
            raise ConnectionError("the store went away")
    except ConnectionError:
        pass
    assert memory_of(desk) == ([], [])
    assert desk.engine.report(report.item).outcome == "waiting"
    desk.engine.close()
