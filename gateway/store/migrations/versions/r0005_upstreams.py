"""Source systems that jobs are fetched from, and how far."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "upstreams",
        sa.Column("account", KEY, nullable=False),
        sa.Column("name", KEY, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source", KEY, nullable=False),
        sa.Column("project_id", sa.BigInteger()),
        sa.Column("checkpoint", sa.Text()),
        sa.Column("round_at", sa.BigInteger()),
        sa.Column("last_success_at", sa.BigInteger()),
        sa.Column(
            "is_failing", sa.Boolean(), nullable=False, server_default=sa.false()
        ),
        sa.Column("error", sa.Text()),
        sa.Column("lease_owner", sa.Text()),
        sa.Column("lease_until", sa.BigInteger()),
        sa.PrimaryKeyConstraint("account", "name"),
        sa.ForeignKeyConstraint(["account"], ["accounts.account"]),
    )
