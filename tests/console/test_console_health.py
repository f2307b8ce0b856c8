"""Whether the console answers and whether its store does, for machines that watch it."""

from __future__ import annotations

from office import Office

from engine.store.database import Database


def test_health_tells_a_state_to_anybody_and_nothing_else(office: Office) -> None:
    with office.client() as client:
        healthy, ready = client.get("/healthz"), client.get("/readyz")
    assert (healthy.status_code, healthy.text) == (200, "ok\n")
    assert (ready.status_code, ready.text) == (200, "ready\n")


def test_a_store_of_another_schema_is_not_ready(office: Office) -> None:
    database: Database = office.database
    with database.write() as transaction:
        transaction.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    with office.client() as client:
        assert (client.get("/readyz").status_code, client.get("/readyz").text) == (503, "schema\n")
        assert client.get("/healthz").status_code == 200
