"""What is stored: files by the hash of their content, what was read from them, and nothing twice.

Owns: stored content (`Blob`), resumable uploads, data files and the tables read from them: Parquet,
data dictionary, profile, quality, findings, preview, sample; quotas. What leaves is masked in `masks`.
Does not own: what is offered of it (catalog), who bought access to it (delivery).

Invariants
- Content is named by its SHA-256 and never changed; the same content is stored once.
- An original is kept as it came: reading never drops or repairs anything silently.
- A file is readable by its organisation alone until a revision publishes its tables.
"""
