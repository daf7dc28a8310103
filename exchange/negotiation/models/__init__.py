"""What is kept in negotiation."""
