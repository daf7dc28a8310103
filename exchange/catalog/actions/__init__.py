"""What changes the catalog room. Each action locks, checks, changes and records one thing."""
