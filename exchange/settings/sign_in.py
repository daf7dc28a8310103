"""How people sign in: e-mail and password, second factors, and an identity provider when one is named."""

from typing import Any

import environ

LOCAL_NAMES = ("http://localhost", "http://127.0.0.1", "http://[::1]")


def allauth(env: environ.Env, *, public_url: str) -> dict[str, Any]:
    """allauth's settings. What a deployment decides comes from the environment."""
    return {
        "ACCOUNT_ADAPTER": "exchange.web.accounts.sign_in.InvitedAdapter",
        "ACCOUNT_USER_MODEL_USERNAME_FIELD": None,
        "ACCOUNT_LOGIN_METHODS": {"email"},
        "ACCOUNT_SIGNUP_FIELDS": ["email*", "password1*", "password2*"],
        "ACCOUNT_UNIQUE_EMAIL": True,
        "ACCOUNT_CHANGE_EMAIL": True,  # one address at a time: invitations are matched by it
        "ACCOUNT_EMAIL_VERIFICATION": "mandatory",
        "ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS": 3,
        # In the browser that signed up the confirmation signs in; in any other it does not.
        "ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION": True,
        "ACCOUNT_EMAIL_SUBJECT_PREFIX": "",
        "ACCOUNT_EMAIL_NOTIFICATIONS": True,
        # Nobody learns from sign-up, sign-in or reset whether an address has an account.
        "ACCOUNT_PREVENT_ENUMERATION": True,
        "ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE": True,
        "ACCOUNT_REAUTHENTICATION_TIMEOUT": 300,
        "MFA_ADAPTER": "accounts.sealing.SealingAdapter",
        "MFA_SUPPORTED_TYPES": ["totp", "webauthn", "recovery_codes"],
        "MFA_PASSKEY_LOGIN_ENABLED": True,
        "MFA_RECOVERY_CODES_SHOW_ONCE": True,
        "MFA_TOTP_ISSUER": "Assay",
        "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN": public_url.startswith(LOCAL_NAMES),
        "ALLAUTH_TRUSTED_PROXY_COUNT": env.int("TRUSTED_PROXY_COUNT", default=0),
        "SOCIALACCOUNT_PROVIDERS": _identity_provider(env),
        "SOCIALACCOUNT_LOGIN_ON_GET": False,
    }


def _identity_provider(env: environ.Env) -> dict[str, Any]:
    """OpenID Connect with the issuer that OIDC_ISSUER names; none by default."""
    issuer = env.str("OIDC_ISSUER", default="")
    if not issuer:
        return {}
    app = {
        "provider_id": "oidc",
        "name": env.str("OIDC_NAME", default="Single sign-on"),
        "client_id": env.str("OIDC_CLIENT_ID"),
        "secret": env.str("OIDC_CLIENT_SECRET"),
        "settings": {"server_url": issuer},
    }
    return {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}
