"""Room members."""
