"""The processes that are at work, who does what only one may do, and the alerts with what became of them."""

import sqlalchemy as sa
from alembic import op

from engine.store.tables import Moment, Words

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "processes",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("host", sa.String(length=200), nullable=False),
        sa.Column("started", Moment(), nullable=False),
        sa.Column("seen", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "duties",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("holder", sa.String(length=200), nullable=False),
        sa.Column("until", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "alerts",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=200), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("message", Words(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("first", Moment(), nullable=False),
        sa.Column("last", Moment(), nullable=False),
        sa.Column("ended", Moment(), nullable=True),
        sa.Column("pending", sa.String(length=20), nullable=True),
        sa.Column("next_try", Moment(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("error", Words(), nullable=True),
        sa.Column("sent", Moment(), nullable=True),
        sa.Column("holder", sa.String(length=200), nullable=True),
        sa.Column("held_until", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("alerts_to_send", "alerts", ["pending", "next_try"], unique=False)
    op.create_index("alerts_of_cause", "alerts", ["fingerprint", "ended"], unique=False)
