"""Queues: the next item is one look at an index, however many items there are."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

RUNNABLE = sa.text("state = 'ready' AND not_before IS NULL")
PUT_OFF = sa.text("not_before IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "items_runnable",
        "items",
        ["workflow", sa.text("priority DESC"), "id"],
        sqlite_where=RUNNABLE,
        postgresql_where=RUNNABLE,
    )
    op.create_index("items_put_off", "items", ["not_before"], sqlite_where=PUT_OFF, postgresql_where=PUT_OFF)
