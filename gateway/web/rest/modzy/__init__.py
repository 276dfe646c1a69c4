"""The routes of Modzy for jobs and models, below `/api`."""
