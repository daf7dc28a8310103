"""Pages that follow what they show, by server-sent events from in front of Django.

Owns: the router, the hub that one database connection feeds, the streams.
Does not own: the news (rooms announce it after their commits), who may read (Django answers that at
the start of every stream, by the very view that the page's polling uses) and the content, which
readers fetch like any page.

Invariants
- A reader costs neither a thread nor a database connection while nothing happens.
- A stream says that there is a newer version, and perhaps facts that all its readers may know; who
  missed some is told of the newest.
"""
