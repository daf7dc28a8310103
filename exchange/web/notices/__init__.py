"""The inbox and how a person wants to be notified."""
