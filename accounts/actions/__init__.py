"""What can be done to people and organisations: lock, check, change, in the caller's transaction."""
