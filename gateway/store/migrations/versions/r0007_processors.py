"""The processors of jobs: those they had, and those they asked for."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the columns."""
    for name in ("processors", "requested_processors"):
        op.add_column("jobs", sa.Column(name, sa.Integer()))
