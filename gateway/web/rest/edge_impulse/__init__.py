"""Edge Impulse Studio's REST API for jobs, below `/v1`."""
