"""Retention: what is on hold, and what was forgotten."""

import sqlalchemy as sa
from alembic import op

from engine.store.tables import Moment, Words

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("queues", sa.Column("hold", Words(), nullable=True))
    op.add_column("items", sa.Column("hold", Words(), nullable=True))
    op.add_column("items", sa.Column("erased", Moment(), nullable=True))
    op.create_index("artifacts_by_content", "artifacts", ["sha256"])
