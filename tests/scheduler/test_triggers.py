"""Folders and clock times become work items, once each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from fakes.shop import NOW, Shop

from engine.business_time import Calendar
from engine.clock import SystemClock
from engine.errors import ConfigurationError, UsageError
from engine.store import tables
from engine.store.database import rows
from scheduler import registered
from scheduler.firings import Fired
from scheduler.schedule import Missed, Overlap, Schedule
from scheduler.service import Scheduler
from scheduler.times import Cron

FOLDER = """
workflow: shop
inputs: {file: file}
triggers:
  - folder: {path: inbox, match: "*.txt", input: file}
steps:
  - world.post: {world: WORLD, value: "${{ item.file.name }}"}
"""
CLOCK = """
workflow: shop
triggers:
  - schedule: {cron: "0 * * * *", missed: MISSED, overlap: OVERLAP}
steps:
  - wait: {for: 10 hours}
"""


def scheduler(shop: Shop) -> Scheduler:
    made = Scheduler(shop.engine, ZoneInfo("UTC"))
    made.reload()
    return made


def drop(shop: Shop, name: str, text: str = "hello") -> Path:
    inbox = shop.folder / "inbox"
    inbox.mkdir(exist_ok=True)
    file = inbox / name
    file.write_text(text)
    return file


def test_a_file_that_stopped_growing_becomes_an_item_and_moves_to_processed(tmp_path: Path) -> None:
    shop = Shop(tmp_path, FOLDER)
    watcher = scheduler(shop)
    file = drop(shop, "a.txt", "hel")
    assert watcher.scan() == []
    file.write_text("hello, longer")
    assert watcher.scan() == [], "it is still growing"
    (item,) = watcher.scan()
    assert not file.exists() and (file.parent / "processed" / "a.txt").read_text() == "hello, longer"
    assert shop.go_on(item).outcome == "done" and shop.posts == ["a.txt"]


def test_other_files_hidden_files_and_lock_files_are_left_alone(tmp_path: Path) -> None:
    shop = Shop(tmp_path, FOLDER)
    watcher = scheduler(shop)
    for name in ("a.pdf", ".a.txt", "~$a.txt"):
        drop(shop, name)
    assert watcher.scan() + watcher.scan() + watcher.scan() == []


def test_a_crash_between_the_item_and_the_move_repeats_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Shop(tmp_path, FOLDER)
    drop(shop, "a.txt")
    watcher = scheduler(shop)
    watcher.scan()

    def crash(path: Path, folder: Path) -> Path:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("scheduler.folder._move", crash)
        with pytest.raises(KeyboardInterrupt):
            watcher.scan()
    again = scheduler(shop)
    assert again.scan() + again.scan() == [], "the item is there already"
    with shop.database.read() as tx:
        assert len(rows(tx, tables.items.select())) == 1
    assert (tmp_path / "inbox" / "processed" / "a.txt").exists()


def test_the_same_name_again_replaces_nothing_in_processed(tmp_path: Path) -> None:
    shop = Shop(tmp_path, FOLDER)
    watcher = scheduler(shop)
    for text in ("one", "two"):
        drop(shop, "a.txt", text)
        watcher.scan()
        assert len(watcher.scan()) == 1
    assert sorted(path.name for path in (tmp_path / "inbox" / "processed").iterdir()) == ["a-2.txt", "a.txt"]


def test_an_empty_file_is_given_a_moment_then_taken(tmp_path: Path) -> None:
    shop = Shop(tmp_path, FOLDER)
    watcher = scheduler(shop)
    drop(shop, "a.txt", "")
    assert [len(watcher.scan()) for _ in range(3)] == [0, 0, 1]


def test_a_file_no_item_can_be_made_of_goes_to_failed_and_is_told(tmp_path: Path) -> None:
    shop = Shop(tmp_path, FOLDER.replace("inputs: {file: file}", "inputs: {file: file, cost_centre: text}"))
    heard: list[dict[str, object]] = []
    shop.engine.events.listen(lambda event: heard.append(event.data) if event.name == "trigger.refused" else None)
    watcher = scheduler(shop)
    drop(shop, "a.txt")
    watcher.scan()
    assert watcher.scan() == []
    assert (tmp_path / "inbox" / "failed" / "a.txt").exists()
    assert "a.txt is now in failed/: item of shop: cost_centre is missing (text)" in str(heard[0]["message"])


def clock_shop(tmp_path: Path, missed: str, overlap: str) -> Shop:
    return Shop(tmp_path, CLOCK.replace("MISSED", missed).replace("OVERLAP", overlap))


def fire(service: Scheduler, moment: datetime) -> list[Fired]:
    (schedule,) = service.clockwork.schedules.values()
    return service.clockwork.fire_all([(schedule, moment)])


def firings(shop: Shop) -> list[datetime]:
    with shop.database.read() as tx:
        return [row["fire_time"] for row in rows(tx, tables.firings.select().order_by(tables.firings.c.fire_time))]


@pytest.mark.parametrize(("missed", "number"), [("all", 4), ("last", 2), ("none", 1)])
def test_what_was_missed_is_made_up_when_a_scheduler_comes_back(tmp_path: Path, missed: str, number: int) -> None:
    shop = clock_shop(tmp_path, missed, "allow")
    first = scheduler(shop)
    fire(first, NOW)
    shop.clock.sleep(3 * 3600 + 60)
    scheduler(shop)
    assert len(firings(shop)) == number


def test_overlap_skip_fires_but_queues_nothing_while_the_last_item_is_open(tmp_path: Path) -> None:
    shop = clock_shop(tmp_path, "none", "skip")
    service = scheduler(shop)
    assert fire(service, NOW)[0].item is not None
    assert fire(service, NOW + timedelta(hours=1))[0].item is None
    assert len(firings(shop)) == 2


def test_overlap_queue_lets_the_next_item_in_when_the_one_before_is_done(tmp_path: Path) -> None:
    shop = Shop(
        tmp_path,
        CLOCK.replace("MISSED", "none").replace("OVERLAP", "queue").replace("wait: {for: 10 hours}", "set: {a: 1}"),
    )
    service = scheduler(shop)
    (first,) = fire(service, NOW)
    (second,) = fire(service, NOW + timedelta(hours=1))
    assert (first.outcome, second.outcome) == ("queued", "waiting")
    service.scan()
    assert items(shop) == 1, "the first is still to be worked"
    assert shop.go_on(first.item or "").outcome == "done"
    service.scan()
    assert items(shop) == 2


def items(shop: Shop) -> int:
    with shop.database.read() as tx:
        return len(rows(tx, tables.items.select()))


def test_the_clock_fires_a_schedule_and_two_schedulers_fire_it_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, eventually: Callable[[Callable[[], bool]], None]
) -> None:
    shop = clock_shop(tmp_path, "none", "allow")
    every_second = Schedule("shop/0", "shop", Cron("* * * * * *"), ZoneInfo("UTC"), Missed.NONE, Overlap.ALLOW)
    monkeypatch.setattr("scheduler.triggers.schedules_of", lambda *_: [every_second])
    both = []
    for _ in range(2):
        engine = shop.new_engine()
        engine.clock = SystemClock()
        both.append(Scheduler(engine, ZoneInfo("UTC")))
    for service in both:
        service.start()
    eventually(lambda: len(firings(shop)) >= 2)
    for service in both:
        service.stop()
    fired = firings(shop)
    assert len(set(fired)) == len(fired)
    with shop.database.read() as tx:
        assert len(rows(tx, tables.items.select())) == len(fired)


def test_a_file_that_cannot_be_taken_does_not_keep_the_others_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Shop(tmp_path, FOLDER)
    heard: list[str] = []
    shop.engine.events.listen(lambda event: heard.append(str(event.data.get("message", ""))))
    watcher = scheduler(shop)
    drop(shop, "a.txt")
    drop(shop, "b.txt")
    take_in = shop.surroundings.artifacts.take_in

    def refuse(source: Path) -> object:
        if source.name == "a.txt":
            raise PermissionError(13, "Permission denied", str(source))
        return take_in(source)

    monkeypatch.setattr(shop.surroundings.artifacts, "take_in", refuse)
    watcher.scan()
    (item,) = watcher.scan()
    assert shop.go_on(item).outcome == "done" and shop.posts == ["b.txt"]
    assert (shop.folder / "inbox" / "a.txt").exists()
    assert any("a.txt" in message and "Permission denied" in message for message in heard)


def test_a_firing_that_the_store_missed_is_made_up_without_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sqlalchemy as sa

    from scheduler import firings as module

    shop = Shop(tmp_path, CLOCK.replace("MISSED", "last").replace("OVERLAP", "allow"))
    told: list[str] = []
    shop.engine.events.listen(lambda event: told.append(str(event.data.get("message", ""))))
    watcher = scheduler(shop)
    shop.clock.sleep(3600)
    with monkeypatch.context() as away:

        def refuse(*_: object) -> None:
            raise sa.exc.OperationalError("fire", {}, Exception("the store is away"))

        away.setattr(module, "fire", refuse)
        watcher.tick()
        watcher.scan()
        away.setattr(module, "waiting", refuse)
        watcher._patiently(watcher.scan)
        assert told == ["the store does not answer, what is due fires as soon as it does: the store is away"]
    shop.clock.sleep(2)
    watcher.scan()
    watcher.reload()
    assert firings(shop) == [NOW + timedelta(hours=1)]


def test_a_clock_that_is_set_forward_fires_what_it_passed_by_policy_and_set_back_fires_nothing_twice(
    tmp_path: Path,
) -> None:
    shop = clock_shop(tmp_path, "all", "allow")
    service = scheduler(shop)
    shop.clock.sleep(3 * 3600)
    service.scan()
    three = firings(shop)
    assert len(three) == 3
    shop.clock.sleep(-3 * 3600)
    service.scan()
    shop.clock.sleep(3600)
    service.scan()
    assert firings(shop) == three, "the hour was fired when the clock was ahead"
    shop.clock.sleep(3 * 3600)
    service.scan()
    assert len(firings(shop)) == 4


def test_the_inputs_of_a_schedule_know_the_time_it_fires_for(tmp_path: Path) -> None:
    shop = Shop(
        tmp_path,
        """
workflow: shop
inputs: {day: date, label: text}
triggers:
  - schedule: {cron: "30 23 * * *", timezone: Europe/Berlin, inputs: {day: "${{ fire_day }}", label: "for ${{ fire_time.hour }} of ${{ schedule }}"}}
steps:
  - world.post: {world: WORLD, value: "${{ item.day }} ${{ item.label }}"}
""",
    )
    service = scheduler(shop)
    (fired,) = fire(service, datetime(2026, 3, 3, 22, 30, tzinfo=ZoneInfo("UTC")))
    assert shop.go_on(fired.item or "").outcome == "done"
    assert shop.posts == ["2026-03-03 for 23 of shop/0"]


def test_jitter_lets_the_item_start_later_than_it_fires(tmp_path: Path) -> None:
    shop = Shop(tmp_path, CLOCK.replace("missed: MISSED, overlap: OVERLAP", "jitter: 10m"))
    fire(scheduler(shop), NOW)
    with shop.database.read() as tx:
        (item,) = rows(tx, tables.items.select())
    assert NOW < item["not_before"] < NOW + timedelta(minutes=10)


def test_a_paused_schedule_fires_nothing_and_what_it_passed_stays_undone(tmp_path: Path) -> None:
    shop = clock_shop(tmp_path, "all", "allow")
    service = scheduler(shop)
    with shop.database.write() as tx:
        registered.pause(tx, "shop/0", "month end")
    shop.clock.sleep(2 * 3600)
    service.scan()
    assert firings(shop) == []
    with shop.database.write() as tx:
        registered.resume(tx, "shop/0", shop.clock.now())
    shop.clock.sleep(3600)
    service.scan()
    assert firings(shop) == [NOW + timedelta(hours=3)]


def test_a_trigger_that_does_not_exist_cannot_be_paused(tmp_path: Path) -> None:
    shop = clock_shop(tmp_path, "all", "allow")
    scheduler(shop)
    with pytest.raises(UsageError, match="no trigger shop/1; did you mean shop/0"), shop.database.write() as tx:
        registered.pause(tx, "shop/1", "")


def test_a_workflow_that_became_wrong_keeps_its_triggers_and_is_told(tmp_path: Path) -> None:
    shop = clock_shop(tmp_path, "none", "allow")
    told: list[str] = []
    shop.engine.events.listen(lambda event: told.append(str(event.data.get("message", ""))))

    def calendar_of(name: str) -> Calendar:
        raise ConfigurationError(f"there is no calendar {name}")

    service = Scheduler(shop.engine, ZoneInfo("UTC"), calendar_of)
    service.reload()
    shop.file.write_text(shop.file.read_text().replace("missed:", "calendar: bank, missed:"))
    service.reload()
    service.reload()
    assert told == ["the triggers of shop stay as they were: there is no calendar bank"]
    assert list(service.clockwork.schedules) == ["shop/0"]


def test_a_file_is_taken_when_it_stayed_as_it_was_for_as_long_as_asked(tmp_path: Path) -> None:
    shop = Shop(tmp_path, FOLDER.replace('match: "*.txt"', 'match: "*.txt", stable: 30s, processed: done, failed: bad'))
    watcher = scheduler(shop)
    drop(shop, "a.txt")
    for _ in range(3):
        assert watcher.scan() == []
        shop.clock.sleep(9)
    shop.clock.sleep(9)
    assert len(watcher.scan()) == 1
    assert (tmp_path / "done" / "a.txt").exists()


def test_the_inputs_of_a_folder_know_the_file(tmp_path: Path) -> None:
    text = FOLDER.replace("inputs: {file: file}", "inputs: {file: file, label: text}")
    shop = Shop(tmp_path, text.replace("input: file}", 'input: file, inputs: {label: "${{ file.name }}!"}}'))
    watcher = scheduler(shop)
    drop(shop, "a.txt")
    watcher.scan()
    (item,) = watcher.scan()
    with shop.database.read() as tx:
        (row,) = rows(tx, tables.items.select())
    assert (row["id"], row["inputs"]["label"]) == (item, "a.txt!")


def test_two_schedulers_that_watch_a_folder_take_a_file_once_and_say_nothing(tmp_path: Path) -> None:
    shop = Shop(tmp_path, FOLDER)
    told: list[str] = []
    shop.engine.events.listen(lambda event: told.append(event.name))
    first, second = scheduler(shop), scheduler(shop)
    file = drop(shop, "a.txt")
    first.scan(), second.scan()
    (watcher,) = second._flows["shop"][1].folders
    assert len(first.scan()) == 1
    assert watcher._try(shop.engine, file) is None, "it has just seen the file, and now it is gone"
    assert "trigger.refused" not in told and items(shop) == 1
