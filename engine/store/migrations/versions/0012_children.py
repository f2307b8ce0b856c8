"""The children of an item are found by one look at an index."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

CHILDREN = sa.text("parent IS NOT NULL")


def upgrade() -> None:
    op.create_index("items_by_parent", "items", ["parent"], sqlite_where=CHILDREN, postgresql_where=CHILDREN)
