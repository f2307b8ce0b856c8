from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from peers.postgres import PostgresServer, find_binaries

from engine.store.database import Database

_names = itertools.count()


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    if find_binaries() is None:
        pytest.skip("PostgreSQL is not installed (apt install postgresql)")
    server = PostgresServer(tmp_path_factory.mktemp("postgres"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A migrated database; each test that asks for it runs on both kinds."""
    if request.param == "sqlite":
        made = Database(f"sqlite:///{tmp_path}/clerkwork.sqlite")
    else:
        server: PostgresServer = request.getfixturevalue("postgres")
        made = Database(server.new_database(f"test_{next(_names)}"))
    made.migrate()
    yield made
    made.close()
