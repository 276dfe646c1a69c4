"""Usage: how long runs lay inside a window, by dimensions and time buckets."""
