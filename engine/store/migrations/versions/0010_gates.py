"""Gates: limits and rates of queues and connections, and connections that rest after failures."""

import sqlalchemy as sa
from alembic import op

from engine.store.tables import Data, Moment, Words

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "gates",
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("opens", Moment(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("rests_until", Moment(), nullable=True),
        sa.Column("reason", Words(), nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )
    op.add_column("processes", sa.Column("able", Data(), nullable=True))
