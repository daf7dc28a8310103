"""What an organisation and its people are, as statements: every request asks, and building the same
query anew took the server longer than the database took to answer it."""

_ORGANISATION = """
    (
        SELECT admission.standing FROM members_admission AS admission
        WHERE admission.organisation_id = {organisation} ORDER BY admission.id DESC LIMIT 1
    ) AS standing,
    ARRAY(
        SELECT held.kind FROM members_qualification AS held
        JOIN members_admission AS admission ON admission.id = held.admission_id
        WHERE admission.organisation_id = {organisation}
            AND admission.standing = ANY (%(admitted)s)
            AND held.valid_from <= %(at)s
            AND (held.valid_until IS NULL OR held.valid_until > %(at)s)
    ) AS kinds
"""

_MEMBER = """
SELECT membership.role, {organisation},
    ARRAY(
        SELECT given.role FROM members_rolegrant AS given
        WHERE given.organisation_id = membership.organisation_id
            AND given.user_id = membership.user_id
            AND given.valid_from >= membership.joined_at
            AND given.valid_from <= %(at)s
            AND (given.valid_until IS NULL OR given.valid_until > %(at)s)
    ) AS roles
FROM accounts_membership AS membership
JOIN accounts_user AS person ON person.id = membership.user_id AND person.is_active
WHERE membership.user_id = %(user)s AND membership.organisation_id = %(organisation)s
"""

OF_ORGANISATION = "SELECT" + _ORGANISATION.format(organisation="%(organisation)s")
OF_MEMBER = _MEMBER.format(
    organisation=_ORGANISATION.format(organisation="membership.organisation_id")
)
