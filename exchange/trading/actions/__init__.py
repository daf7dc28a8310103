"""What changes the trading room. Each action locks, checks, changes and records one thing."""
