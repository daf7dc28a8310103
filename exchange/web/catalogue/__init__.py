"""Finding: the catalogue, comparing, watching, and requests for data."""
