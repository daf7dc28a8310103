"""Forms parse what people type; what it means is decided by the flows."""
