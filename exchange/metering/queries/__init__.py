"""What is read in metering."""
