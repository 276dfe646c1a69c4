"""Usage, added up by more lengths of time: the figures are made anew after it."""

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Change nothing in the tables."""
