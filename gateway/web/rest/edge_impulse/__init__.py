"""The job routes of Edge Impulse Studio, below `/v1`."""
