"""What changes in state-asset sales."""
