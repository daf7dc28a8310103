"""The guards that the room's SQL makes, and those that the database has by its catalogue."""

import re

from django.db import connection

FUNCTIONS_MADE = re.compile(r"CREATE FUNCTION (\w+)\(.*?AS \$\$(.*?)\$\$;", re.DOTALL)
TRIGGERS_MADE = re.compile(r"^CREATE TRIGGER (\w+)$", re.MULTILINE)
CONSTRAINTS_MADE = re.compile(r"ADD CONSTRAINT (\w+)")

FOUND = """
SELECT 'trigger ' || t.tgname
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE c.relname LIKE 'ledger\\_%%' AND pg_table_is_visible(c.oid) AND t.tgenabled IN ('O', 'A')
UNION ALL
SELECT 'constraint ' || k.conname
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
WHERE c.relname LIKE 'ledger\\_%%' AND pg_table_is_visible(c.oid) AND k.convalidated
UNION ALL
SELECT 'constraint ' || i.relname
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid
WHERE c.relname LIKE 'ledger\\_%%' AND pg_table_is_visible(c.oid) AND x.indisunique AND x.indisvalid
UNION ALL
SELECT 'function ' || p.proname || ' ' || md5(p.prosrc)
FROM pg_proc p
WHERE p.proname LIKE 'ledger\\_%%' AND pg_function_is_visible(p.oid)
UNION ALL
SELECT 'setting session_replication_role=' || current_setting('session_replication_role')
"""


def guards_found() -> frozenset[str]:
    """Triggers that fire, constraints that are validated, functions with the MD5 of their body."""
    with connection.cursor() as cursor:
        cursor.execute(FOUND, [])
        return frozenset(row[0] for row in cursor.fetchall())
