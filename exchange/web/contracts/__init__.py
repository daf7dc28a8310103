"""Contracts: the document, its signatures, call-offs."""
