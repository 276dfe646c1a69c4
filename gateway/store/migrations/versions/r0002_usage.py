"""Usage, added up by spans of time and by what it is split by."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
PLACE = ("account", "project", "dimension", "span_hours", "span", "value")


def upgrade() -> None:
    """Create the figures, and the index of what is not in them yet."""
    create_points()
    create_costs()
    create_running()


def create_points() -> None:
    """Create the counts and sums of starts and ends."""
    op.create_table(
        "usage_points",
        *to_place(),
        sa.Column("starts", sa.BigInteger(), nullable=False),
        sa.Column("starts_ms", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.Column("ends_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(*PLACE),
        sqlite_with_rowid=False,
    )


def create_costs() -> None:
    """Create the sums of costs."""
    op.create_table(
        "usage_costs",
        *to_place(),
        sa.Column("currency", KEY, nullable=False),
        sa.Column("jobs", sa.BigInteger(), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("nanos", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(*PLACE, "currency"),
        sqlite_with_rowid=False,
    )


def to_place() -> list[sa.Column[object]]:
    """Give the columns that say what figures are of."""
    return [
        sa.Column("account", KEY, nullable=False),
        sa.Column("project", KEY, nullable=False),
        sa.Column("dimension", KEY, nullable=False),
        sa.Column("span_hours", sa.Integer(), nullable=False),
        sa.Column("span", sa.BigInteger(), nullable=False),
        sa.Column("value", KEY, nullable=False),
    ]


def create_running() -> None:
    """Index the runs that have not ended."""
    is_running = sa.text("run_end_ms IS NULL AND run_start_ms IS NOT NULL")
    op.create_index(
        "ix_jobs_running",
        "jobs",
        ["account", "run_start_ms"],
        sqlite_where=is_running,
        postgresql_where=is_running,
    )
