"""Second factors as people use them: a passkey in the browser's own authenticator, and codes of an app."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from playwright.sync_api import Page, expect

from accounts.models import User
from tests.browser.chromium import Reader
from tests.browser.conftest import OpenReader
from tests.factories import accounts, members
from tests.factories.accounts import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def give_authenticator(page: Page) -> None:
    """What a laptop with a fingerprint reader has; its owner always agrees."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def sign_in(reader: Reader, user: User) -> None:
    reader.read("/accounts/login/")
    reader.page.get_by_label("Email").fill(user.email)
    reader.page.get_by_label("Password").fill(PASSWORD)
    reader.page.get_by_role("main").get_by_role("button", name="Sign In", exact=True).click()


def confirm(page: Page) -> None:
    """Changing how one signs in asks for the password once more."""
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()


def sign_out(reader: Reader) -> None:
    page = reader.page
    reader.read("/help/")
    page.locator("details.menu", has_text="Your account").locator("summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("link", name="Sign in").wait_for()


def app_codes(secret: str) -> tuple[str, str]:
    """What the person's app shows now and next. A code signs in once."""
    _before, now, later = totp.yield_hotp_counters_from_time()
    return code_at(secret, now), code_at(secret, later)


def code_at(secret: str, counter: int) -> str:
    return str(totp.format_hotp_value(totp.hotp_value(secret, counter)))


def is_signed_in(page: Page, user: User) -> None:
    page.locator("details.menu", has_text="Your account").locator("summary").click()
    expect(page.get_by_text(user.email)).to_be_visible()


def test_a_passkey_once_added_signs_its_owner_in(open_reader: OpenReader) -> None:
    user = accounts.a_user()
    reader = open_reader()
    page = reader.page
    give_authenticator(page)
    sign_in(reader, user)
    page.locator("details.menu", has_text="Your account").wait_for()
    reader.read("/accounts/2fa/webauthn/add/")
    confirm(page)
    page.locator("#mfa_webauthn_add").wait_for()
    page.get_by_label("Passwordless").check()
    page.locator("#mfa_webauthn_add").click()
    page.wait_for_url("**/accounts/2fa/**recovery**")
    sign_out(reader)
    reader.read("/accounts/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    is_signed_in(page, user)
    assert Authenticator.objects.filter(user=user, type="webauthn").count() == 1
    assert reader.faults == []
    assert reader.policy_faults() == []


def test_an_operator_without_a_second_factor_is_led_to_set_one_up_and_signs_in_with_it(
    open_reader: OpenReader, settings: Any
) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    settings.MFA_TOTP_TOLERANCE = (
        1  # the half minute may turn between reading a code and sending it
    )
    operator = members.an_exchange().first
    reader = open_reader()
    page = reader.page
    sign_in(reader, operator)
    expect(page.get_by_text("needs a second factor")).to_be_visible()
    assert reader.read("/console/") == 200
    assert page.url.endswith("/accounts/2fa/")
    page.locator("a[href='/accounts/2fa/totp/activate/']").first.click()
    confirm(page)
    page.locator("#authenticator_secret").wait_for()
    secret = page.locator("#authenticator_secret").input_value()
    first, second = app_codes(secret)
    page.get_by_label("Authenticator code").fill(first)
    page.get_by_role("button", name="Activate").click()
    page.wait_for_url("**/accounts/2fa/recovery-codes/")
    reader.read("/console/")
    assert page.url.endswith("/console/")
    sign_out(reader)
    sign_in(reader, operator)
    page.get_by_role("heading", name="Two-Factor Authentication").wait_for()
    page.get_by_label("Code").fill(second)
    page.get_by_role("main").get_by_role("button", name="Sign In", exact=True).click()
    is_signed_in(page, operator)
    reader.read("/console/")
    assert page.url.endswith("/console/")
    assert reader.faults == []
