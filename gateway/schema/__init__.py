"""The GraphQL contract with clients."""
