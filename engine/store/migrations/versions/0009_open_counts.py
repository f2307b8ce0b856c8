"""What the queue counts is counted along one index of what is open, however much lies in the table."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

OPEN = sa.text("closed IS NULL")


def upgrade() -> None:
    op.create_index(
        "open_counts",
        "exceptions",
        ["closed", "kind", "workflow", "code", "step", "fingerprint", "snoozed", "assigned", "holder"],
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )
