"""What is read in state-asset sales."""
