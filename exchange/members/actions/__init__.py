"""What changes members. Each action locks, checks, changes and records one thing.

Actions name people by their primary keys, since steps, proposals and grants point at them. Whether
they may is asked by the flows, which also write the log.
"""
