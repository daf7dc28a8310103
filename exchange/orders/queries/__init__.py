"""What the room of orders tells."""
