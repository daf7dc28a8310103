"""A seller with whoever may offer its data, signed in for it."""

import pytest
from django.test import Client

from accounts.models import User
from accounts.sign_in import SESSION_KEY
from tests.factories.catalog import Stall, a_stall


@pytest.fixture
def stall(db: None) -> Stall:
    return a_stall()


@pytest.fixture
def seller(stall: Stall) -> Client:
    client = Client()
    assert stall.selling.user_id is not None
    user = User.objects.get(pk=stall.selling.user_id)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session[SESSION_KEY] = stall.seller.public_id
    session.save()
    return client
