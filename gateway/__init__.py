"""One GraphQL API over compute and machine-learning job data."""
