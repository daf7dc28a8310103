"""What changes in negotiation."""
