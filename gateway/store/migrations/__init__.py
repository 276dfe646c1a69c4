"""Alembic migrations of the database, run by `gateway db upgrade`."""
