"""How people, organisations, invitations and keys look in JSON. No numeric key leaves the house."""

from typing import Any

from rest_framework import serializers

from accounts.api_keys import VALID_DAYS_MAX
from accounts.models import ApiKey, Invitation, Membership, MembershipRole, Organisation, User
from exchange.api.callers import Caller
from exchange.members.permissions import SCOPES


class OrganisationShape(serializers.ModelSerializer[Organisation]):
    """An organisation."""

    id = serializers.CharField(source="public_id", read_only=True)

    class Meta:
        model = Organisation
        fields = ("id", "name", "credit_code", "country", "kind", "sme", "created_at")
        read_only_fields = fields


class PersonShape(serializers.ModelSerializer[User]):
    """A person."""

    id = serializers.CharField(source="public_id", read_only=True)

    class Meta:
        model = User
        fields = ("id", "name", "email", "language")
        read_only_fields = fields


class MemberShape(serializers.ModelSerializer[Membership]):
    """A person who acts for the organisation."""

    id = serializers.CharField(source="user.public_id", read_only=True)
    name = serializers.CharField(source="user.name", read_only=True)
    email = serializers.CharField(source="user.email", read_only=True)

    class Meta:
        model = Membership
        fields = ("id", "name", "email", "role", "joined_at")
        read_only_fields = fields


class InvitationShape(serializers.ModelSerializer[Invitation]):
    """An invitation. An empty outcome is an open one, until it expires."""

    id = serializers.CharField(source="public_id", read_only=True)
    outcome = serializers.CharField(read_only=True)

    class Meta:
        model = Invitation
        fields = ("id", "email", "role", "outcome", "created_at", "expires_at", "closed_at")
        read_only_fields = fields


class ApiKeyShape(serializers.ModelSerializer[ApiKey]):
    """A key without its secret, which nobody keeps."""

    id = serializers.CharField(source="public_id", read_only=True)
    created_by = serializers.CharField(source="created_by.public_id", read_only=True)
    scopes = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = ApiKey
        fields = (
            "id",
            "name",
            "prefix",
            "scopes",
            "created_by",
            "created_at",
            "expires_at",
            "last_used_at",
            "revoked_at",
        )
        read_only_fields = fields


class NewApiKeyShape(ApiKeyShape):
    """A key just made. `secret` is shown in this answer alone; a repetition has null."""

    secret = serializers.CharField(allow_null=True, read_only=True)

    class Meta(ApiKeyShape.Meta):
        fields = (*ApiKeyShape.Meta.fields, "secret")  # type: ignore[assignment]  # one more
        read_only_fields = fields  # type: ignore[assignment]  # one more


class CallerShape(serializers.Serializer[Any]):
    """Who calls: a person with their organisations' roles, or a key with its scopes."""

    kind = serializers.ChoiceField(choices=["person", "key"], read_only=True)
    actor = serializers.CharField(read_only=True)
    person = PersonShape(allow_null=True, read_only=True)
    organisation = OrganisationShape(allow_null=True, read_only=True)
    scopes = serializers.ListField(child=serializers.CharField(), read_only=True)

    def to_representation(self, caller: Caller) -> dict[str, Any]:
        key = caller.key
        return {
            "kind": "key" if key else "person",
            "actor": caller.name,
            "person": PersonShape(caller.user).data if caller.user else None,
            "organisation": OrganisationShape(key.organisation).data if key else None,
            "scopes": list(key.scopes) if key else [],
        }


class InvitationWish(serializers.Serializer[Any]):
    """Whom to invite, as what."""

    email = serializers.EmailField(max_length=254)
    role = serializers.ChoiceField(choices=MembershipRole.choices)


class ApiKeyWish(serializers.Serializer[Any]):
    """What the key is for, what it opens and for how long."""

    name = serializers.CharField(max_length=80)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=list(SCOPES)),
        min_length=1,
        max_length=len(SCOPES),
    )
    valid_days = serializers.IntegerField(min_value=1, max_value=VALID_DAYS_MAX)
