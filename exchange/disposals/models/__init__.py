"""What is kept in state-asset disposals."""
