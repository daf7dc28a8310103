"""Kinds of notices about members, their people, and what waits for the exchange's own people."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from exchange.notices.kinds_of_money import Kind

MEMBERS: Mapping[str, Kind] = {
    "members.admission.applied": Kind(
        label=_("For the exchange's operators: an organisation applies for admission"),
        line=_("%(organisation)s applies for admission: check its documents."),
        by_mail=True,
    ),
    "members.admission.answered": Kind(
        label=_(
            "For the exchange's operators: an organisation answered a question on its admission"
        ),
        line=_("%(organisation)s answered what the exchange asked on its admission."),
        by_mail=True,
    ),
    "members.standing.restricted": Kind(
        label=_("Our standing at the exchange changed"),
        line=_("“%(organisation)s” is restricted: no new business for now. Reason: %(reason)s"),
        by_mail=True,
    ),
    "members.standing.suspended": Kind(
        label=_("Our standing at the exchange changed"),
        line=_(
            "“%(organisation)s” is suspended: listings are hidden, and auctions, deliveries and payouts "
            "rest. Reason: %(reason)s"
        ),
        by_mail=True,
    ),
    "members.standing.restored": Kind(
        label=_("Our standing at the exchange changed"),
        line=_("“%(organisation)s” takes part again: what rested goes on. Reason: %(reason)s"),
        by_mail=True,
    ),
    "members.standing.exited": Kind(
        label=_("Our standing at the exchange changed"),
        line=_("“%(organisation)s” is no member of the exchange any more. Reason: %(reason)s"),
        by_mail=True,
    ),
    "members.partner.restricted": Kind(
        label=_("The standing of somebody we deal with changed"),
        line=_("“%(organisation)s” does no new business for now. What runs between you goes on."),
    ),
    "members.partner.suspended": Kind(
        label=_("The standing of somebody we deal with changed"),
        line=_(
            "“%(organisation)s” is suspended. What runs between you rests, money stays held, until the "
            "exchange lifts that."
        ),
        by_mail=True,
    ),
    "members.partner.restored": Kind(
        label=_("The standing of somebody we deal with changed"),
        line=_("“%(organisation)s” takes part again. What rested between you goes on."),
        by_mail=True,
    ),
    "members.partner.exited": Kind(
        label=_("The standing of somebody we deal with changed"),
        line=_("“%(organisation)s” left the exchange. What you bought stays yours."),
        by_mail=True,
    ),
    "members.identity.approved": Kind(
        label=_("A change of our organisation's identity was decided"),
        line=_("The exchange agreed: your organisation is known as “%(organisation)s” now."),
        by_mail=True,
    ),
    "members.identity.declined": Kind(
        label=_("A change of our organisation's identity was decided"),
        line=_("The exchange did not agree to the change of “%(organisation)s”: %(reason)s"),
        by_mail=True,
    ),
    "members.person.deactivated": Kind(
        label=_("The exchange took the account of one of our people out of use"),
        line=_(
            "The exchange took the account of %(person)s out of use. Reason: %(reason)s Keys that "
            "%(person)s made have ended."
        ),
        by_mail=True,
    ),
    "members.person.restored": Kind(
        label=_("The exchange brought the account of one of our people back into use"),
        line=_("%(person)s can sign in again. Keys that had ended are made anew."),
        by_mail=True,
    ),
    "members.account.deactivated": Kind(
        label=_("The exchange took my account out of use"),
        line=_(
            "The exchange took your account out of use: you cannot sign in, and your API keys have "
            "ended. Reason: %(reason)s"
        ),
        by_mail=True,
        is_told_to_all=True,
    ),
    "members.account.restored": Kind(
        label=_("The exchange brought my account back into use"),
        line=_("Your account is in use again: sign in anew. API keys that had ended stay ended."),
        by_mail=True,
        is_told_to_all=True,
    ),
    "members.proposal.made": Kind(
        label=_("For the exchange's operators: a decision on a member waits for a second person"),
        line=_(
            "%(person)s proposes about “%(organisation)s”: %(step)s. A second operator decides."
        ),
        by_mail=True,
    ),
    "members.approval.requested": Kind(
        label=_("For those who work for the exchange: an act waits for a second person"),
        line=_("%(person)s asks for a second person: %(act)s, %(what)s."),
        by_mail=True,
    ),
    "members.approval.declined": Kind(
        label=_("For those who work for the exchange: what I asked for was declined"),
        line=_("What you asked for was declined: %(act)s, %(what)s. Reason: %(reason)s"),
    ),
    "members.approval.asked": Kind(
        label=_("Something of our organisation waits for a second person"),
        line=_("%(person)s asks for a second person: %(act)s, %(what)s. Approve or decline it."),
        by_mail=True,
    ),
    "members.approval.refused": Kind(
        label=_("What I asked for in our organisation was declined"),
        line=_("What you asked for was declined: %(act)s, %(what)s. Reason: %(reason)s"),
    ),
    "members.approval.agreed": Kind(
        label=_("What I asked for in our organisation was approved"),
        line=_("What you asked for was approved and is done: %(act)s, %(what)s."),
    ),
}
