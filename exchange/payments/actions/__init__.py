"""What changes the room of payments. Each action locks, checks, changes and records one thing."""
