"""What changes in state-asset disposals."""
