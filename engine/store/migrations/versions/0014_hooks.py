"""What other systems are to be told, and what became of it."""

import sqlalchemy as sa
from alembic import op

from engine.store.tables import Moment, Words

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "hook_positions",
        sa.Column("hook", sa.String(length=100), nullable=False),
        sa.Column("until", Moment(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("rests_until", Moment()),
        sa.PrimaryKeyConstraint("hook"),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("hook", sa.String(length=100), nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("next_try", Moment()),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("holder", sa.String(length=40)),
        sa.Column("held_until", Moment()),
        sa.Column("error", Words()),
        sa.Column("delivered", Moment()),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("hook", "event", "subject", "at", name="told_once"),
    )
    op.create_index("ix_deliveries_next_try", "deliveries", ["next_try"])
    op.create_index("exceptions_by_time", "exceptions", ["created"])
