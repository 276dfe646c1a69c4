"""Writes the jobs of files, request bodies and mutations to the store."""
