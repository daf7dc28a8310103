"""What can be done to the log: write a record, give records their order, erase what is personal."""
