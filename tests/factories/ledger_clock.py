"""Time passing for holds, without waiting."""

from uuid import UUID

from django.db import connection

YEAR = "interval '1 year'"


def age_hold(pending: UUID) -> None:
    """Move a hold a year into the past. Only a superuser's session, as a replica, may do that."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            f"UPDATE ledger_transfer SET expires_at = expires_at - {YEAR},"
            f" created_at = created_at - {YEAR} WHERE id = %s",
            [pending],
        )
        cursor.execute(
            f"UPDATE ledger_openhold SET expires_at = expires_at - {YEAR} WHERE transfer_id = %s",
            [pending],
        )
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
