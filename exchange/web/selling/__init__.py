"""A seller's products from the first file to the listed offer."""
