"""What the room of payments tells."""
