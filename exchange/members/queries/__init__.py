"""What may be read of members."""
