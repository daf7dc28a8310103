"""No secret reaches a log line."""

import sys

from exchange.settings.logs import TRACEBACKS, hide_secrets


def test_fields_that_speak_of_secrets_are_blanked() -> None:
    event = {"event": "signed in", "password": "x", "Authorization": "Bearer y", "user": "usr_1"}
    assert hide_secrets(None, "info", event) == {
        "event": "signed in",
        "password": "***",
        "Authorization": "***",
        "user": "usr_1",
    }


def test_a_traceback_holds_no_values() -> None:
    password = "correct horse battery staple"
    try:
        raise RuntimeError(len(password))
    except RuntimeError:
        logged = TRACEBACKS(None, "error", {"event": "failed", "exc_info": sys.exc_info()})
    assert "test_a_traceback_holds_no_values" in str(logged)
    assert password not in str(logged)
