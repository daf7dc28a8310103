"""Use cases that somebody acts in and that the attacker has no step for, with the reason."""

from collections.abc import Mapping

INNER = "called by other use cases alone, with what they have checked; counted there"
RULES = "changes what all later rounds go by; who may is held by the tests of members"
BY_BANK = "takes an exchange without a provider; held by the tests of payments"
FEES = "takes two rule keepers, and binds who orders later; held by the tests of orders"
MONTHS = "waits for a month to be over; held by the tests of the books"
UNTRIED: Mapping[str, str] = {
    "auctions.bid_rings.look": "reads alone",
    "auctions.envelopes.reveal": "takes the bidder's own secret; held by the tests of auctions",
    "catalog.products.begin": INNER,
    "journeys.checkout.place_agreed": INNER,
    "disputes.endings.concede": INNER,
    "disputes.endings.withdraw": INNER,
    "disputes.endings.take_offer": INNER,
    "disputes.appeals.accept": INNER,
    "disputes.appeals.withdraw": INNER,
    "delivery.links.end": "takes back what is handed out; held by the doors",
    "members.deadlines.reckon_again": INNER,
    "members.rule_packs.correct_calendar_year": RULES,
    "metering.disputes.object_to": "takes a day that was counted; held by the tests of metering",
    "members.rule_packs.amend_rule": RULES,
    "members.rule_packs.take_back": RULES,
    "members.relations.declare_tie": "bars people alone; held by the tests of members",
    "members.relations.end_tie": "bars people alone; held by the tests of members",
    "members.rule_packs.publish_calendar_year": RULES,
    "orders.agreed_fees.agree": FEES,
    "orders.agreed_fees.end": FEES,
    "orders.agreed_fees.withdraw": FEES,
    "payments.bank_out.hold_against_books": "takes a line that went out; held by the tests of payments",
    "payments.payout_files.approve": BY_BANK,
    "payments.payout_files.give_up": BY_BANK,
    "payments.payout_files.note_refused": BY_BANK,
    "payments.payout_files.drop": BY_BANK,
    "payments.payout_files.make": BY_BANK,
    "payments.payout_files.note_sent": BY_BANK,
    "payments.reconciliation.explain_difference": "takes a file of the provider that differs",
    "payments.reconciliation.take_difference": "takes a file of the provider that differs",
    "payments.reconciliation.look_for_overdue": "looks at what the clock forgot, with no money moved",
    "payments.closing.close_month": MONTHS,
    "payments.closing.reopen_month": MONTHS,
    "payments.statements.make_month": MONTHS,
    "payments.reconciliation.run_soon": "has the clock run the reconciliation, with no money moved",
}

# Use cases that succeed in no history, and why.
TOGETHER = "is done for all the rules that two rule keepers changed, which nobody does here"
NEVER: Mapping[str, str] = {
    "ledger.holds.expire_batch": "asks the database's own clock, which stands still in one transaction",
    "journeys.billing._note_stuck": "writes that a bill cannot be made, which takes use without a price;"
    " held by the tests of billing",
    "members.deadlines.reckon_again": TOGETHER,
    "members.founding.found_exchange": "is done once, before the rounds begin",
    "members.founding.move_time_zone": "is done from the command line alone",
    "members.rule_packs.amend_rule": RULES,
    "members.rule_packs.correct_calendar_year": RULES,
    "members.rule_packs.publish_calendar_year": RULES,
    "members.rule_packs.take_back": RULES,
    "orders.agreed_fees.agree": FEES,
    "orders.agreed_fees.end": FEES,
    "orders.agreed_fees.withdraw": FEES,
    "payments.bank_out.hold_against_books": UNTRIED["payments.bank_out.hold_against_books"],
    "payments.distributions._post": MONTHS,
    "payments.payout_accounts._write_for_bank": BY_BANK,
    "payments.payout_files.approve": BY_BANK,
    "payments.payout_files.give_up": BY_BANK,
    "payments.payout_files.note_refused": BY_BANK,
    "payments.payout_files.drop": BY_BANK,
    "payments.payout_files.make": BY_BANK,
    "payments.payout_files.note_sent": BY_BANK,
    "payments.reconciliation._write_down": "writes what the nightly reconciliation found, with no money moved",
    "payments.reconciliation.explain_difference": "takes a file of the provider that differs",
    "payments.reconciliation.take_difference": "takes a file of the provider that differs",
    "payments.reconciliation.look_for_overdue": "looks at what the clock forgot, with no money moved",
    "payments.closing.close_month": MONTHS,
    "payments.closing.reopen_month": MONTHS,
    "payments.statements._batch": MONTHS,
    "payments.statements._start_once": MONTHS,
    "payments.statements.make_month": MONTHS,
    "payments.reconciliation.run_soon": "has the clock run the reconciliation, with no money moved",
}
