"""Sales of state assets: the seller's pages, and the announcements that everybody reads."""
