"""What the vault room tells."""
