from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.context import PlainContext


@pytest.fixture
def context(tmp_path: Path) -> Iterator[PlainContext]:
    with PlainContext(tmp_path, key="item_1/steps.0", seconds=60) as made:
        yield made
