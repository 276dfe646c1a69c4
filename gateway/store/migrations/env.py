"""Alembic's environment: migrations run on the connection that is handed in."""

from alembic import context

# Its transaction is the caller's, who holds the lock.
context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
