"""What is read in negotiation."""
