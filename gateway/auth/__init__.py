"""Credentials to principals."""
