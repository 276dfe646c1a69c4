"""When an API key was last used, and keys found by their digests."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the instant, and the index."""
    op.add_column("api_keys", sa.Column("last_used_at", sa.BigInteger()))
    op.create_index("ux_api_keys_digest", "api_keys", ["digest"], unique=True)
