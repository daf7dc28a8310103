"""What is read in contracts."""
