"""What changes in contracts."""
