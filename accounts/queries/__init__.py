"""What can be asked of accounts; nothing here changes a row."""
