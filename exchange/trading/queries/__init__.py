"""What the trading room tells."""
