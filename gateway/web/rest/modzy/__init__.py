"""Modzy's REST API for jobs and models, below `/api`."""
