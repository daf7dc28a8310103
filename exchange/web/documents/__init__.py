"""Printed documents: one document, shown as a page, printed as PDF.

Owns: what a document is made of, its typesetting, and the composing of each kind from frozen facts.
Does not own: the facts. A document is worded in its reader's language from what the rooms froze when
the thing happened, so a copy printed years later says the same.
"""
