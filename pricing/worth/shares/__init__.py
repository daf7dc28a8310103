"""Who gets how much of what was earned together."""
