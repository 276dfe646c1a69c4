"""Usage: how long runs lay inside a window, by what they have and by time."""
