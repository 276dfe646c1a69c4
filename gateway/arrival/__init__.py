"""What arrives in files, bodies and calls, to the store."""
