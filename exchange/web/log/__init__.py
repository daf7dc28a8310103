"""The transparency log as anybody reads and checks it."""
