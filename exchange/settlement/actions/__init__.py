"""What changes the settlement room. Each action locks, checks, changes and records one thing."""
