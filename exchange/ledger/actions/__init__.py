"""What is done to the books: accounts opened and closed, postings, holds, batches."""
