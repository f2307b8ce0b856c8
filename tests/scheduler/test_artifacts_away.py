"""While files cannot be kept, triggers wait: nothing is refused, nothing fires into the void."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from fakes.shop import Shop

from engine.errors import ApplicationException
from engine.store import tables
from engine.store.database import rows
from scheduler.service import Scheduler

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
inputs: {file: {type: file, default: form.txt}}
triggers:
  - schedule: {cron: "0 * * * *"}
steps:
  - world.post: {world: WORLD, value: "${{ item.file.name }}"}
"""


class Outage:
    """What takes files in fails for as long as this lasts."""

    def __init__(self, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        self.lasts = True
        take_in = shop.surroundings.artifacts.take_in

        def refuse(source: Path) -> Any:
            if self.lasts:
                raise ApplicationException("ARTIFACTS_UNREACHABLE", "the kept files in s3://x cannot be reached")
            return take_in(source)

        monkeypatch.setattr(shop.surroundings.artifacts, "take_in", refuse)


def test_a_file_stays_in_its_folder_until_it_can_be_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Shop(tmp_path, FOLDER)
    heard: list[str] = []
    shop.engine.events.listen(lambda event: heard.append(str(event.data.get("message", ""))))
    outage = Outage(shop, monkeypatch)
    watcher = Scheduler(shop.engine, ZoneInfo("UTC"))
    watcher.reload()
    inbox = shop.folder / "inbox"
    inbox.mkdir(exist_ok=True)
    (inbox / "a.txt").write_text("hello")
    for _ in range(4):
        assert watcher.scan() == []
    assert [path.name for path in inbox.iterdir() if path.is_file()] == ["a.txt"]
    assert any("a.txt stays where it is: the kept files in s3://x cannot be reached" in told for told in heard)
    outage.lasts = False
    watcher.scan()
    (item,) = watcher.scan()
    assert shop.go_on(item).outcome == "done"


def test_a_schedule_whose_file_cannot_be_kept_fires_once_it_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Shop(tmp_path, CLOCK)
    (shop.folder / "form.txt").write_text("form")
    outage = Outage(shop, monkeypatch)
    watcher = Scheduler(shop.engine, ZoneInfo("UTC"))
    watcher.reload()
    shop.clock.sleep(3600)
    assert watcher.clockwork.tick() == [] == watcher.clockwork.tick()
    with shop.database.read() as transaction:
        assert rows(transaction, tables.firings.select()) == []
    outage.lasts = False
    assert len(watcher.clockwork.tick()) == 1
    assert watcher.clockwork.tick() == []
