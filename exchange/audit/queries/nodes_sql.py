"""Reading stored subtrees by their places."""

from collections.abc import Collection

from django.db import connection

from exchange.audit.merkle import Place


def read(places: Collection[Place]) -> dict[Place, bytes]:
    """The hashes of these complete subtrees; a place that is not stored is missing in the answer."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT 0, index, hash FROM audit_leaf WHERE index = ANY (%s::bigint[])
            UNION ALL
            SELECT level, index, hash
            FROM unnest(%s::smallint[], %s::bigint[]) AS wanted (level, index)
            JOIN audit_node USING (level, index)
            """,
            [
                [place.offset for place in places if place.level == 0],
                [place.level for place in places if place.level > 0],
                [place.offset for place in places if place.level > 0],
            ],
        )
        return {Place(level, offset): bytes(content) for level, offset, content in cursor}
