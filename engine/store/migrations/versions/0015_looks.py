"""Who looks at an exception at the moment, and what was decided before of the same cause by one look at an index."""

import sqlalchemy as sa
from alembic import op

from engine.store.tables import Moment

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "looks",
        sa.Column("exception", sa.String(length=40), nullable=False),
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.Column("until", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("exception", "person"),
    )
    op.create_index("ix_looks_until", "looks", ["until"])
    op.create_index("causes_by_end", "exceptions", ["fingerprint", "closed"])
