"""The first tables: accounts and projects, users and models, jobs, API keys."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Create everything."""
    create_accounts()
    create_users()
    create_models()
    create_memberships()
    create_jobs()
    create_job_filters()
    create_job_orders()
    create_job_parts()
    create_api_keys()


def create_accounts() -> None:
    """Create the accounts and their projects."""
    op.create_table(
        "accounts",
        sa.Column("account", KEY, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("next_job_id", sa.BigInteger(), nullable=False, server_default="1"),
        sa.Column("next_user_id", sa.BigInteger(), nullable=False, server_default="1"),
        sa.Column("next_model_id", sa.BigInteger(), nullable=False, server_default="1"),
        sa.PrimaryKeyConstraint("account"),
    )
    op.create_table(
        "projects",
        sa.Column("account", KEY, nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "project_id"),
        sa.ForeignKeyConstraint(["account"], ["accounts.account"]),
    )


def create_users() -> None:
    """Create the users."""
    op.create_table(
        "users",
        sa.Column("account", KEY, nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("source", KEY, nullable=False),
        sa.Column("identifier", KEY, nullable=False),
        sa.Column("external_identifier", sa.Text()),
        sa.Column("first_name", sa.Text()),
        sa.Column("last_name", sa.Text()),
        sa.Column("email", sa.Text()),
        sa.Column("status", sa.Text()),
        sa.Column("title", sa.Text()),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "user_id"),
        sa.ForeignKeyConstraint(["account"], ["accounts.account"]),
    )
    op.create_index("ix_users_order", "users", ["account", "identifier", "user_id"])
    op.create_index(
        "ux_users_identifier", "users", ["account", "identifier", "source"], unique=True
    )


def create_models() -> None:
    """Create the models."""
    op.create_table(
        "models",
        sa.Column("account", KEY, nullable=False),
        sa.Column("model_id", sa.BigInteger(), nullable=False),
        sa.Column("identifier", KEY, nullable=False),
        sa.Column("version", KEY),
        sa.Column("name", KEY),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "model_id"),
        sa.ForeignKeyConstraint(["account"], ["accounts.account"]),
    )
    op.create_index("ix_models_name", "models", ["account", "name", "model_id"])
    op.create_index("ix_models_order", "models", ["account", "identifier", "model_id"])
    op.create_index("ix_models_version", "models", ["account", "version", "model_id"])
    op.create_index(
        "ux_models_identifier",
        "models",
        ["account", "identifier", sa.text("coalesce(version, '')")],
        unique=True,
    )


def create_memberships() -> None:
    """Create which users and models a project's jobs name."""
    op.create_table(
        "project_users",
        sa.Column("account", KEY, nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "project_id", "user_id"),
        sa.ForeignKeyConstraint(
            ["account", "project_id"], ["projects.account", "projects.project_id"]
        ),
        sa.ForeignKeyConstraint(
            ["account", "user_id"], ["users.account", "users.user_id"]
        ),
    )
    op.create_table(
        "project_models",
        sa.Column("account", KEY, nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("model_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "project_id", "model_id"),
        sa.ForeignKeyConstraint(
            ["account", "model_id"], ["models.account", "models.model_id"]
        ),
        sa.ForeignKeyConstraint(
            ["account", "project_id"], ["projects.account", "projects.project_id"]
        ),
    )


def create_jobs() -> None:
    """Create the jobs."""
    op.create_table(
        "jobs",
        sa.Column("account", KEY, nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.Column("source", KEY, nullable=False),
        sa.Column("job_identifier", KEY, nullable=False),
        sa.Column("project_id", sa.BigInteger()),
        sa.Column("category", KEY),
        sa.Column("category_key", sa.Text()),
        sa.Column("label", sa.Text()),
        sa.Column("status", KEY, nullable=False),
        sa.Column("raw_status", sa.Text()),
        sa.Column("model_id", sa.BigInteger()),
        sa.Column("user_id", sa.BigInteger()),
        sa.Column("submitted_by", KEY),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("submitted_at", sa.BigInteger()),
        sa.Column("assigned_at", sa.BigInteger()),
        sa.Column("started_at", sa.BigInteger()),
        sa.Column("finished_at", sa.BigInteger()),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("pending", sa.Integer(), nullable=False),
        sa.Column("completed", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("elapsed_ms", sa.BigInteger()),
        sa.Column("queue_ms", sa.BigInteger()),
        sa.Column("timeout_ms", sa.BigInteger()),
        sa.Column("explain", sa.Boolean()),
        sa.Column("image_classification_model", sa.Boolean()),
        sa.Column("input_bytes", sa.BigInteger()),
        sa.Column("cost_amount", sa.BigInteger()),
        sa.Column("cost_currency", sa.Text()),
        sa.Column("arguments", sa.Text()),
        sa.Column("result", sa.Text()),
        sa.Column("instance", sa.Text()),
        sa.Column("run", sa.Text()),
        sa.Column("incremental_id", sa.Integer()),
        sa.Column("run_start_ms", sa.BigInteger()),
        sa.Column("run_end_ms", sa.BigInteger()),
        sa.Column("residue", sa.Text()),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("account", "job_id"),
        sa.ForeignKeyConstraint(["account"], ["accounts.account"]),
        sa.ForeignKeyConstraint(
            ["account", "model_id"], ["models.account", "models.model_id"]
        ),
        sa.ForeignKeyConstraint(
            ["account", "project_id"], ["projects.account", "projects.project_id"]
        ),
        sa.ForeignKeyConstraint(
            ["account", "user_id"], ["users.account", "users.user_id"]
        ),
    )
    op.create_index("ix_jobs_run_end", "jobs", ["account", "run_end_ms"])
    op.create_index(
        "ux_jobs_identifier",
        "jobs",
        ["account", "job_identifier", "source"],
        unique=True,
    )


def create_job_filters() -> None:
    """Index what jobs can be filtered by."""
    for column in ("status", "source"):
        columns = ["account", column, "created_at", "job_id"]
        op.create_index(f"ix_jobs_{column}", "jobs", columns)
    for column in ("project_id", "category", "model_id", "user_id", "submitted_by"):
        columns = ["account", column, "created_at", "job_id"]
        known = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            f"ix_jobs_{column}",
            "jobs",
            columns,
            sqlite_where=known,
            postgresql_where=known,
        )


def create_job_orders() -> None:
    """Index what jobs can be ordered by."""
    for column in ("created_at", "updated_at"):
        op.create_index(f"ix_jobs_{column}", "jobs", ["account", column, "job_id"])
    for column in ("submitted_at", "started_at", "finished_at"):
        order = sa.text(f"coalesce({column}, 9223372036854775807)")
        op.create_index(f"ix_jobs_{column}", "jobs", ["account", order, "job_id"])


def create_job_parts() -> None:
    """Create the jobs' inputs and logs."""
    op.create_table(
        "job_inputs",
        sa.Column("account", KEY, nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("identifier", sa.Text(), nullable=False),
        sa.Column("status", sa.Text()),
        sa.Column("started_at", sa.BigInteger()),
        sa.Column("finished_at", sa.BigInteger()),
        sa.Column("elapsed_ms", sa.BigInteger()),
        sa.Column("input_bytes", sa.BigInteger()),
        sa.Column("error", sa.Text()),
        sa.PrimaryKeyConstraint("account", "job_id", "position"),
        sa.ForeignKeyConstraint(
            ["account", "job_id"], ["jobs.account", "jobs.job_id"], ondelete="CASCADE"
        ),
    )
    op.create_table(
        "job_logs",
        sa.Column("account", KEY, nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.Column("build_logs", sa.Text()),
        sa.Column("stdout", sa.Text()),
        sa.Column("stderr", sa.Text()),
        sa.PrimaryKeyConstraint("account", "job_id"),
        sa.ForeignKeyConstraint(
            ["account", "job_id"], ["jobs.account", "jobs.job_id"], ondelete="CASCADE"
        ),
    )


def create_api_keys() -> None:
    """Create the API keys."""
    op.create_table(
        "api_keys",
        sa.Column("account", KEY, nullable=False),
        sa.Column("prefix", KEY, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("project_id", sa.BigInteger()),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger()),
        sa.Column("revoked_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("account", "prefix"),
        sa.ForeignKeyConstraint(["account"], ["accounts.account"]),
    )
    op.create_index("ux_api_keys_prefix", "api_keys", ["prefix"], unique=True)
