"""What changes the delivery room. Each action locks, checks, changes and records one thing."""
