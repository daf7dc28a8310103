"""What is kept in contracts."""
