import pytest
from django.test import Client


@pytest.mark.django_db
def test_the_health_answers_need_no_sign_in(client: Client) -> None:
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").json() == {"status": "ready"}
