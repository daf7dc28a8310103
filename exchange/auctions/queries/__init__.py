"""What is read in auctions."""
