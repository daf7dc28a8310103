"""What changes the vault room. Each action locks, checks, changes and records one thing."""
