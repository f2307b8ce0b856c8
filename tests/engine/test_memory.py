"""The memory's contract, the same over SQLite and PostgreSQL."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from engine.errors import UsageError
from engine.memory import Example, Subject, Template
from engine.store.database import Database
from engine.store.memory import StoredMemory

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def an_example(digest: str, minutes: int = 0, **data: object) -> Example:
    made = NOW + timedelta(minutes=minutes)
    return Example(digest, data, made, content=b"\x00words\xff", person="mary", item="item_1")


def a_subject(database: Database, name: str = "ACME", *keys: str) -> Subject:
    with database.write() as transaction:
        memory = StoredMemory(transaction, "document")
        made = memory.new_subject(name, NOW)
        memory.add_keys(made.id, keys)
        return made


def a_template(state: str = "active", name: str = "number") -> Template:
    return Template(name, state, "because", {"label": "Nr."}, NOW, NOW)


def test_a_subject_is_found_by_its_keys_id_and_name(database: Database) -> None:
    acme = a_subject(database, "ACME Ltd", "vat:DE1", "name:acme")
    other = a_subject(database, "Other", "vat:DE2", "name:acme")
    with database.read() as transaction:
        memory = StoredMemory(transaction, "document")
        assert memory.matching(["vat:DE1", "name:acme", "vat:DE9"]) == {
            acme.id: frozenset({"vat:DE1", "name:acme"}),
            other.id: frozenset({"name:acme"}),
        }
        assert memory.matching([]) == {}
        assert memory.named("acme LTD") == memory.named(acme.id) == memory.named("vat:DE1") == acme
        with pytest.raises(UsageError, match="nothing is known of nobody"):
            memory.named("nobody")


def test_two_of_one_name_are_told_apart_by_their_ids(database: Database) -> None:
    first, second = a_subject(database), a_subject(database)
    with database.read() as transaction, pytest.raises(UsageError, match=f"2 are called acme: {first.id}, {second.id}"):
        StoredMemory(transaction, "document").named("acme")


def test_each_topic_has_its_own_memory(database: Database) -> None:
    acme = a_subject(database, "ACME", "vat:DE1")
    with database.read() as transaction:
        other = StoredMemory(transaction, "browser")
        assert (other.subjects(), other.subject(acme.id), other.matching(["vat:DE1"])) == ([], None, {})


def test_an_example_comes_back_as_it_was_kept_the_newest_first(database: Database) -> None:
    acme = a_subject(database)
    with database.write() as transaction:
        memory = StoredMemory(transaction, "document")
        memory.keep(acme.id, an_example("a" * 64, 0, total=NOW.date()))
        memory.keep(acme.id, an_example("b" * 64, 5))
    with database.read() as transaction:
        memory = StoredMemory(transaction, "document")
        newest, oldest = memory.examples(acme.id)
        bare = memory.examples(acme.id, whole=False)
    assert (newest.digest, oldest.digest) == ("b" * 64, "a" * 64)
    assert (oldest.data, oldest.content, oldest.person) == ({"total": NOW.date()}, b"\x00words\xff", "mary")
    assert oldest.made == NOW
    assert [one.content for one in bare] == [b"", b""]


def test_the_example_of_a_document_takes_the_place_of_the_one_before(database: Database) -> None:
    acme, other = a_subject(database), a_subject(database, "Other")
    with database.write() as transaction:
        memory = StoredMemory(transaction, "document")
        memory.keep(acme.id, an_example("a" * 64, n=1))
        memory.keep(other.id, an_example("a" * 64, n=2))
        assert memory.examples(acme.id) == []
        assert [one.data for one in memory.examples(other.id)] == [{"n": 2}]
        assert memory.count_examples(other.id) == 1
        known = memory.subject(acme.id)
        assert known is not None
        assert known.revision == 2


def test_a_study_is_refused_where_an_example_came_meanwhile(database: Database) -> None:
    acme = a_subject(database)
    with database.write() as transaction:
        memory = StoredMemory(transaction, "document")
        memory.keep(acme.id, an_example("a" * 64))
        studied = memory.subject(acme.id)
        assert studied is not None
        assert studied.stale
    with database.write() as transaction:
        StoredMemory(transaction, "document").keep(acme.id, an_example("b" * 64))
    with database.write() as transaction:
        memory = StoredMemory(transaction, "document")
        assert memory.studied(studied, [a_template()]) is False
        assert memory.templates(acme.id) == []
        newest = memory.subject(acme.id)
        assert newest is not None
        assert memory.studied(newest, [a_template()]) is True
        again = memory.subject(acme.id)
        assert again is not None
        assert not again.stale


def test_a_study_puts_its_templates_in_the_place_of_those_before(database: Database) -> None:
    acme = a_subject(database)
    first, second = a_template(), a_template("proposed", "total")
    with database.write() as transaction:
        memory = StoredMemory(transaction, "document")
        memory.studied(acme, [first])
        memory.studied(acme, [first, second])
        memory.set_state(second.id, "forgotten", "mary took it away", NOW)
    with database.read() as transaction:
        memory = StoredMemory(transaction, "document")
        assert [(one.id, one.state) for one in memory.templates(acme.id)] == [
            (first.id, "active"),
            (second.id, "forgotten"),
        ]
        known = memory.template(first.id)
    assert known is not None
    assert (known.data, known.reason, known.made) == ({"label": "Nr."}, "because", NOW)


def test_a_subject_is_forgotten_with_all_that_is_known_of_it(database: Database) -> None:
    acme = a_subject(database, "ACME", "vat:DE1")
    with database.write() as transaction:
        memory = StoredMemory(transaction, "document")
        memory.keep(acme.id, an_example("a" * 64))
        memory.studied(acme, [a_template()])
        memory.forget_subject(acme.id)
        assert (memory.subjects(), memory.matching(["vat:DE1"]), memory.example("a" * 64)) == ([], {}, None)
        assert memory.templates(acme.id) == []


def test_two_who_teach_at_the_same_moment_make_one_subject(database: Database) -> None:
    together = threading.Barrier(4)

    def teach(n: int) -> None:
        together.wait()
        with database.write() as transaction:
            memory = StoredMemory(transaction, "document")
            memory.alone()
            known = memory.matching(["vat:DE1"])
            subject = next(iter(known), None) or memory.new_subject("ACME", NOW).id
            memory.add_keys(subject, ["vat:DE1"])
            memory.keep(subject, an_example(f"{n}" * 64))

    threads = [threading.Thread(target=teach, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    with database.read() as transaction:
        memory = StoredMemory(transaction, "document")
        (subject,) = memory.subjects()
        assert (memory.count_examples(subject.id), subject.revision) == (4, 4)
