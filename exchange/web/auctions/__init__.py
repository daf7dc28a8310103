"""Auctions: the list, one auction, bidding, scheduling."""
