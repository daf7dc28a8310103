"""What the books say: guards, checks, statements."""
