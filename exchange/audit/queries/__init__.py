"""What can be read from the log."""
