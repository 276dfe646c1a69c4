"""The job routes of sharedcloud, below `/api/v1`."""
