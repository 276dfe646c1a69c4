"""sharedcloud's REST API for jobs, below `/api/v1`."""
