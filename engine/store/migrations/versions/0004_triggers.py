"""Triggers: what is known of each, what came in, and what became of a firing."""

import sqlalchemy as sa
from alembic import op

from engine.store.tables import Data, Moment

revision = "0004"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("firings", sa.Column("outcome", sa.String(length=20), nullable=False, server_default="queued"))
    op.add_column("firings", sa.Column("reason", sa.Text(), nullable=True))
    op.create_index("firings_by_outcome", "firings", ["outcome", "schedule"], unique=False)
    op.create_table(
        "triggers",
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("workflow", sa.String(length=200), nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.Column("last", Moment(), nullable=True),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("place", Data(), nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "arrivals",
        sa.Column("trigger", sa.String(length=300), nullable=False),
        sa.Column("mark", sa.String(length=200), nullable=False),
        sa.Column("item", sa.String(length=40), nullable=True),
        sa.Column("made", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("trigger", "mark"),
    )
    op.create_index("items_by_end", "items", ["workflow", "finished"], unique=False)
    # What fired before is where the schedules go on from. Firings of folders are no schedules.
    op.execute(
        "INSERT INTO triggers (name, workflow, since, last, paused) "
        "SELECT schedule, '', MIN(fire_time), MAX(fire_time), false FROM firings "
        "WHERE schedule NOT LIKE '%/folder/%' GROUP BY schedule"
    )
