"""The gateway on the command line."""
