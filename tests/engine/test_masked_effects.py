"""The ledger keeps what an effect was given, but for secrets: they reach the system and not the store."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes.shop import Shop

from engine import ledger

POST = """
steps:
  - world.post: {world: WORLD, value: "card hunter2x, item ${{ item.n }}"}
    effect: {key: "${{ item.n }}"}
"""


@pytest.mark.parametrize("secret", ["hunter2x", "hunter"])
def test_a_secret_is_posted_and_masked_in_the_ledger(tmp_path: Path, secret: str) -> None:
    shop = Shop(tmp_path, POST)
    shop.engine.surroundings.scrubber.add(secret)
    item = shop.add(n=1)
    assert (shop.go_on(item).outcome, shop.posts) == ("done", ["card hunter2x, item 1"])
    with shop.database.read() as transaction:
        (effect,) = ledger.effects(transaction, item=item)
    assert secret not in str(effect["input"])
    assert "card ***" in str(effect["input"])
