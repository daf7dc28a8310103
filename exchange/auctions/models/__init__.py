"""What is kept in auctions."""
