"""What changes the room of orders. Each action locks, checks, changes and records one thing."""
