"""What a machine without services needs to run the exchange: a database server and a supervisor.

Owns: the private PostgreSQL (`postgres`), its keeper process (`keeper`) and the demo's processes
(`demo`). Nothing here runs when DATABASE_URL is set, and production never imports it.

Invariants
- A private server lives exactly as long as one process that uses it: users hold a shared file
  lock, which the kernel releases even after `kill -9`, and the keeper stops the server when it
  gets the exclusive one.
- Nothing outside the project's folder changes its owner or mode. Where the server's user could not
  reach the folder (root's home), the cluster has a folder of its own under /var/tmp.
"""
