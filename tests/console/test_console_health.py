"""Whether the console answers and whether its store does, for machines that watch it."""

from __future__ import annotations

from office import Office

from engine.store import tables
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


def test_a_message_that_was_not_taken_is_shown(office: Office) -> None:
    office.add_user("ada", "viewer")
    now = office.clock.now()
    row = {"id": "alert_1", "channel": "team", "what": "disk", "subject": "host", "fingerprint": "f", "number": 1}
    row |= {"message": "host has <b>0.5</b> GB free", "first": now, "last": now, "pending": "first", "tries": 3}
    with office.client("ada") as client:
        assert "Nothing is wrong" in client.get("/alerts").text
        with office.database.write() as transaction:
            transaction.execute(tables.alerts.insert(), {**row, "error": "slack answered 404", "next_try": now})
        shown = client.get("/alerts").text
    assert "Not delivered: slack answered 404" in shown
    assert "host has &lt;b&gt;0.5" in shown
