"""Room console."""
