"""Selections to plans, statements, rows and response values."""
