"""A real Tryton server for tests, one for each test process; see `demo.erp`.

Take the fixture by importing it in a conftest: `from peers.tryton import tryton`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from demo.erp.server import TrytonServer

PASSWORD = "a-password-of-the-tests"


@pytest.fixture(scope="session")
def tryton(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrytonServer]:
    """Shared by all tests of a process: make your own parties and bills, and do not count other people's."""
    with TrytonServer(tmp_path_factory.mktemp("tryton"), password=PASSWORD) as server:
        yield server


def connection_to(server: TrytonServer, **changes: Any) -> dict[str, Any]:
    """The settings of a connection to it, as they would stand in `connections.yaml`."""
    settings = {"system": "tryton", "url": server.url, "database": server.database, "user": server.user}
    return {**settings, "password": PASSWORD, **changes}
