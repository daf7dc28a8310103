"""What core does for every room, by use case."""
