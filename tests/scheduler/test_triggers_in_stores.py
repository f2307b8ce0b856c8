"""The same on PostgreSQL, what an older store brings along, and what is forgotten."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from alembic import command
from alembic.config import Config
from fakes.shop import NOW, Shop

from engine.clock import SystemClock
from engine.store import tables
from engine.store.database import Database, rows
from engine.store.migrate import FOLDER
from engine.workflows import Library
from scheduler import registered
from scheduler.service import Scheduler

FLOW = """
workflow: shop
inputs: {n: {type: integer, required: false, default: 1}}
triggers:
  - schedule: {cron: "* * * * * *", overlap: OVERLAP, name: second}
  - spreadsheet: {file: orders.csv}
steps:
  - set: {a: 1}
"""
AFTER = "workflow: after\ntriggers: [{queue: shop}]\nsteps: [{set: {a: 1}}]\n"


def shop_in(store: Database, folder: Path, overlap: str) -> Shop:
    shop = Shop(folder, FLOW.replace("OVERLAP", overlap), store)
    (folder / "after.yaml").write_text(AFTER)
    return shop


def scheduler(shop: Shop, *, real: bool = False) -> Scheduler:
    engine = shop.new_engine()
    engine.library = Library([shop.file, shop.folder / "after.yaml"], engine.registry)
    if real:
        engine.clock = SystemClock()
    return Scheduler(engine, ZoneInfo("UTC"))


def test_three_schedulers_fire_every_second_once(
    store: Database, tmp_path: Path, eventually: Callable[[Callable[[], bool]], None]
) -> None:
    shop = shop_in(store, tmp_path, "allow")
    fleet = [scheduler(shop, real=True) for _ in range(3)]
    for service in fleet:
        service.start()

    def fired() -> list[datetime]:
        with store.read() as tx:
            return [row["fire_time"] for row in rows(tx, tables.firings.select().order_by(tables.firings.c.fire_time))]

    eventually(lambda: len(fired()) >= 4)
    for service in fleet:
        service.stop()
    found = fired()
    assert [moment - found[0] for moment in found] == [timedelta(seconds=number) for number in range(len(found))]
    with store.read() as tx:
        assert len(rows(tx, tables.items.select())) == len(found)


def test_what_waits_what_follows_and_what_comes_in(store: Database, tmp_path: Path) -> None:
    shop = shop_in(store, tmp_path, "queue")
    service = scheduler(shop)
    service.reload()
    shop.clock.sleep(2)
    (tmp_path / "orders.csv").write_text("n\n7\n")
    service.scan()
    service.scan()
    with store.read() as tx:
        told = [row["outcome"] for row in rows(tx, tables.firings.select().order_by(tables.firings.c.fire_time))]
        items = [row["id"] for row in rows(tx, tables.items.select())]
    assert told == ["queued", "waiting"] and len(items) == 2
    for item in items:
        assert shop.go_on(item).outcome == "done"
    service.scan()
    with store.read() as tx:
        flows = sorted(row["workflow"] for row in rows(tx, tables.items.select()))
    assert flows == ["after", "after", "shop", "shop", "shop"], "the firing that waited, and what follows the two"


def test_what_is_over_a_year_old_is_forgotten_but_not_mails_and_rows(store: Database, tmp_path: Path) -> None:
    shop = shop_in(store, tmp_path, "allow")
    service = scheduler(shop)
    old, young = NOW - timedelta(days=401), NOW - timedelta(days=399)
    with store.write() as tx:
        for moment in (old, young):
            tx.execute(tables.firings.insert().values(schedule="a/0", fire_time=moment, made=moment, outcome="queued"))
            for name in ("a/hook/x", "a/after/b", "a/mail/x/INBOX", "a/rows/x.csv"):
                tx.execute(tables.arrivals.insert().values(trigger=name, mark=str(moment), made=moment))
    service.forget()
    with store.read() as tx:
        assert [row["fire_time"] for row in rows(tx, tables.firings.select())] == [young]
        kept = [row["trigger"] for row in rows(tx, tables.arrivals.select())]
    assert sorted(kept) == ["a/after/b", "a/hook/x"] + ["a/mail/x/INBOX"] * 2 + ["a/rows/x.csv"] * 2


def test_schedules_of_an_older_store_go_on_from_where_they_were(store: Database) -> None:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    with store.write() as tx:
        config.attributes["connection"] = tx
        command.upgrade(config, "0002")
    fired = datetime(2026, 3, 1, 7, tzinfo=UTC)
    with store.write() as tx:
        for name in ("shop/0", "shop/folder/inbox/abc/a.txt"):
            values = f"('{name}', '{fired:%Y-%m-%d %H:%M:%S.%f}', 'item_1', '{fired:%Y-%m-%d %H:%M:%S.%f}')"
            tx.exec_driver_sql(f"INSERT INTO firings (schedule, fire_time, item, made) VALUES {values}")
    store.migrate()
    with store.read() as tx:
        (known,) = registered.read(tx, ["shop/0", "shop/folder/inbox/abc/a.txt"]).values()
        outcomes = {row["outcome"] for row in rows(tx, tables.firings.select())}
    assert (known["name"], known["last"], known["paused"], outcomes) == ("shop/0", fired, False, {"queued"})
