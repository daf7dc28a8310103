"""What the catalog room tells."""
