"""What changes in auctions."""
