"""Conflicts of interest, judged by person: with whom somebody is tied, and which tie bars what.

A person is tied to every organisation that they are a member of or that a declared personal tie names,
whichever they act for; a key is tied as the person who made it. Two organisations are related when an
operator declared it, or when one person belongs to both. `permissions.py` says which of them bar whom
from what, `policy.py` judges it, and SQL of other rooms joins `RELATIONS`.
"""

from enum import Enum

from django.db import connection


class ConflictOfInterest(Enum):
    """A tie to the subject that forbids acting on it: separation of duties at the moment of acting."""

    OWN_ORGANISATION = "own_organisation"  # the subject is of an organisation of the person's
    OWN_MAKING = "own_making"  # the person made what a second one decides on
    OTHER_SIDE = "other_side"  # the person, or a related organisation, is a party
    BOTH_SIDES = "both_sides"  # the person belongs to the party opposite
    SHARES_REVENUE = "shares_revenue"  # the person's side gets a part of what the product brings
    DECLARED_CONFLICT = "declared_conflict"  # the person declared one in this matter


# Who belongs to an organisation: its members and those whom a declared tie names.
BELONGING = """(
    SELECT user_id, organisation_id FROM accounts_membership
    UNION SELECT user_id, organisation_id FROM members_personaltie WHERE ended_at IS NULL
)"""
# Pairs of related organisations, each in both directions.
RELATIONS = f"""(
    SELECT organisation_id AS first_id, other_id AS second_id
    FROM members_relatedparty WHERE ended_at IS NULL
    UNION ALL SELECT other_id, organisation_id FROM members_relatedparty WHERE ended_at IS NULL
    UNION ALL SELECT here.organisation_id, there.organisation_id
    FROM {BELONGING} AS here
    JOIN {BELONGING} AS there ON there.user_id = here.user_id
    JOIN accounts_user AS person ON person.id = here.user_id AND person.is_active
    WHERE there.organisation_id <> here.organisation_id
)"""  # noqa: S608 - made of this module's own text
ARE_RELATED = f"""
SELECT EXISTS (
    SELECT FROM {RELATIONS} AS relation
    WHERE relation.first_id = %(first)s AND relation.second_id = %(second)s
)
"""  # noqa: S608 - as above
PAIRS_RELATED = f"""
SELECT DISTINCT first_id, second_id FROM {RELATIONS} AS relation
WHERE first_id < second_id ORDER BY first_id, second_id LIMIT %(rows)s
"""  # noqa: S608 - as above
# Columns for a statement that names the person: the organisations that they belong to, and those
# declared to be related to one of them. Relations of the operating organisation bar nobody: they are
# of all its people alike, and no one would be left to decide.
TIES = """
    ARRAY(
        SELECT own.organisation_id FROM accounts_membership AS own WHERE own.user_id = {person}
        UNION SELECT tie.organisation_id FROM members_personaltie AS tie
        WHERE tie.user_id = {person} AND tie.ended_at IS NULL
    ) AS own,
    ARRAY(
        SELECT CASE related.organisation_id WHEN own.organisation_id THEN related.other_id
            ELSE related.organisation_id END
        FROM (
            SELECT organisation_id FROM accounts_membership WHERE user_id = {person}
            UNION SELECT organisation_id FROM members_personaltie
            WHERE user_id = {person} AND ended_at IS NULL
        ) AS own
        JOIN members_relatedparty AS related ON related.ended_at IS NULL
            AND own.organisation_id IN (related.organisation_id, related.other_id)
        WHERE NOT EXISTS (
            SELECT FROM members_qualification AS held
            JOIN members_admission AS admission ON admission.id = held.admission_id
            WHERE admission.organisation_id = own.organisation_id
                AND held.kind = 'exchange_operator'
        )
    ) AS related
"""


def are_related(first_id: int, second_id: int) -> bool:
    """Whether two organisations are one, were declared to be related, or share a person."""
    if first_id == second_id:
        return True
    with connection.cursor() as cursor:
        cursor.execute(ARE_RELATED, {"first": first_id, "second": second_id})
        related: bool = cursor.fetchone()[0]
        return related


def related_pairs(*, limit: int) -> list[tuple[int, int]]:
    """Pairs of related organisations, each once."""
    with connection.cursor() as cursor:
        cursor.execute(PAIRS_RELATED, {"rows": limit})
        return [(first, second) for first, second in cursor]
