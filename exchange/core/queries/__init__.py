"""What core can be asked."""
