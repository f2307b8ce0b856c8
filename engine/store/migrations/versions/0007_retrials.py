"""Retrying all that stopped for one cause: one first, the others when it got past it."""

import sqlalchemy as sa
from alembic import op

from engine.store.tables import Data, Moment

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "retrials",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("workflow", sa.String(length=200), nullable=False),
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.Column("teams", Data(), nullable=False),
        sa.Column("admin", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("first", sa.String(length=40), nullable=False),
        sa.Column("item", sa.String(length=40), nullable=False),
        sa.Column("others", Data(), nullable=False),
        sa.Column("retried", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("made", Moment(), nullable=False),
        sa.Column("changed", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("retrials_by_state", "retrials", ["state"], unique=False)
    op.create_index("retrials_of_cause", "retrials", ["fingerprint", "id"], unique=False)
