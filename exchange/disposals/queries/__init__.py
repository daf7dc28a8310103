"""What is read in state-asset disposals."""
