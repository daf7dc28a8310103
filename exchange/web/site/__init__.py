"""What stands before every area: the first page, help, what refusals mean, health."""
