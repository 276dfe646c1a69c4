"""Statements to rows, rows to response values or records."""
