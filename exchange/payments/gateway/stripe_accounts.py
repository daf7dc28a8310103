"""What a connected account of Stripe is opened with."""

from stripe.params import AccountCreateParams


def parameters(*, account_id: str, holder: str, country: str, home: str) -> AccountCreateParams:
    """An account of the seller's own country that takes transfers only. Stripe identifies its holder; what
    is paid out of it, and when, is said by us. One abroad takes on the agreement of a recipient, which
    transfers across borders need."""
    asked: AccountCreateParams = {
        "country": country,
        "business_type": "company",
        "business_profile": {"name": holder},
        "metadata": {"account": account_id},
        "capabilities": {"transfers": {"requested": True}},
        "controller": {
            "fees": {"payer": "application"},
            "losses": {"payments": "application"},
            "requirement_collection": "stripe",
            "stripe_dashboard": {"type": "express"},
        },
        "settings": {"payouts": {"schedule": {"interval": "manual"}}},
    }
    if country != home:
        asked["tos_acceptance"] = {"service_agreement": "recipient"}
    return asked


def named_by_us(*, holder: str, country: str, currency: str, number: str) -> AccountCreateParams:
    """The bank account, where its number is given here, and with it the duty to say who the holder is."""
    return {
        "controller": {
            "fees": {"payer": "application"},
            "losses": {"payments": "application"},
            "requirement_collection": "application",
            "stripe_dashboard": {"type": "none"},
        },
        "external_account": {
            "object": "bank_account",
            "country": country,
            "currency": currency.lower(),
            "account_holder_name": holder,
            "account_number": number,
        },
    }
