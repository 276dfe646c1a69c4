"""Versions of the database, one module each."""
