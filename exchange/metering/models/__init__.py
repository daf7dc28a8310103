"""What is kept in metering."""
