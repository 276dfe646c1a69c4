"""Statements to rows, and rows to response values or records."""
