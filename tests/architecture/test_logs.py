"""No secret reaches a log line."""

from exchange.settings.logs import hide_secrets


def test_fields_that_speak_of_secrets_are_blanked() -> None:
    event = {"event": "signed in", "password": "x", "Authorization": "Bearer y", "user": "usr_1"}
    assert hide_secrets(None, "info", event) == {
        "event": "signed in",
        "password": "***",
        "Authorization": "***",
        "user": "usr_1",
    }
