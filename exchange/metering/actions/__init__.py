"""What changes in metering."""
