"""What the settlement room tells."""
