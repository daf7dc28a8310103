"""What the delivery room tells."""
