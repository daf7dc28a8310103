"""Every kind of notice: what it says, with named places for its facts, and whether it comes by mail.

A room that tells something new adds a row. Facts that a sentence names must be told; they may be
text, whole numbers, `Money` or datetimes, and are printed in the reader's language when read.
"""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from exchange.notices.kinds_of_members import MEMBERS
from exchange.notices.kinds_of_money import MONEY, Kind

KINDS: Mapping[str, Kind] = {
    "catalog.search.matched": Kind(
        label=_("A new listing fits one of my saved searches"),
        line=_("“%(product)s” is new and fits your saved search “%(search)s”."),
    ),
    "catalog.product.revised": Kind(
        label=_("A product that I watch has a new revision"),
        line=_("“%(product)s” has revision %(revision)s."),
    ),
    "catalog.product.priced": Kind(
        label=_("A product that I watch has another price"),
        line=_("“%(product)s” has another price: %(price)s without tax."),
    ),
    "catalog.product.changed": Kind(
        label=_("A product that I watch can be bought again, or no longer"),
        line=_("“%(product)s” changed its state in the catalogue."),
    ),
    "catalog.listing.submitted": Kind(
        label=_("For the exchange's operators: products wait for review (once a day)"),
        line=_("Products wait for the exchange's review, first “%(product)s” of %(seller)s."),
        by_mail=True,
    ),
    "catalog.change.proposed": Kind(
        label=_("For the exchange's operators: changes of listings wait for review (once a day)"),
        line=_(
            "Changes of listings wait for the exchange's review, first that of “%(product)s” of %(seller)s."
        ),
        by_mail=True,
    ),
    "catalog.listing.listed": Kind(
        label=_("A product of ours is listed"),
        line=_("“%(product)s” is listed: buyers can find and buy it."),
        by_mail=True,
    ),
    "catalog.listing.returned": Kind(
        label=_("A product of ours was returned for changes"),
        line=_("“%(product)s” came back from the review: read what has to change."),
        by_mail=True,
    ),
    "catalog.listing.rejected": Kind(
        label=_("A product of ours was rejected"),
        line=_("“%(product)s” was rejected: read why."),
        by_mail=True,
    ),
    "catalog.listing.suspended": Kind(
        label=_("A listing of ours was suspended"),
        line=_("“%(product)s” is suspended: nobody new can buy it until this is settled."),
        by_mail=True,
    ),
    "catalog.listing.resumed": Kind(
        label=_("A suspended listing of ours is back"),
        line=_("“%(product)s” is listed again."),
    ),
    "catalog.listing.suspension_lifted": Kind(
        label=_("The suspension of a listing that we paused has ended"),
        line=_("“%(product)s” is no longer suspended. It stays paused until you list it again."),
    ),
    "catalog.sharing.proposed": Kind(
        label=_("We are asked to agree to how a product's revenue is shared out"),
        line=_(
            "“%(seller)s” proposes how the revenue of “%(product)s” is shared out: agree or decline."
        ),
        by_mail=True,
    ),
    "catalog.sharing.took_effect": Kind(
        label=_("All parties agreed to how we share out a product's revenue"),
        line=_("The new shares of “%(product)s” hold for what is ordered from now on."),
        by_mail=True,
    ),
    "catalog.sharing.declined": Kind(
        label=_("A party declined how we share out a product's revenue"),
        line=_("A party declined the shares that you proposed for “%(product)s”: read why."),
        by_mail=True,
    ),
    "catalog.change.accepted": Kind(
        label=_("A change of a listing of ours was accepted"),
        line=_("Your change of “%(product)s” is in the catalogue."),
    ),
    "catalog.change.declined": Kind(
        label=_("A change of a listing of ours was declined"),
        line=_("Your change of “%(product)s” was declined: read why."),
        by_mail=True,
    ),
    "catalog.column.flagged": Kind(
        label=_("The exchange holds a column of ours back as personal"),
        line=_("Column “%(column)s” of “%(product)s” is held back as personal: read why."),
        by_mail=True,
    ),
    "catalog.column.kept": Kind(
        label=_("The exchange keeps a column of ours held back"),
        line=_("Column “%(column)s” of “%(product)s” stays held back: read why."),
        by_mail=True,
    ),
    "catalog.column.lifted": Kind(
        label=_("A column of ours is shown again"),
        line=_("Column “%(column)s” of “%(product)s” is shown again."),
    ),
    "catalog.demand.answered": Kind(
        label=_("Somebody answers what my organisation asked for"),
        line=_("%(organisation)s answers your request “%(demand)s” with “%(product)s”."),
        by_mail=True,
    ),
    "catalog.question.asked": Kind(
        label=_("Somebody asks about a product of ours"),
        line=_("There is a question about “%(product)s”: answer it, or say why not."),
        by_mail=True,
    ),
    "catalog.question.answered": Kind(
        label=_("A seller answers my question"),
        line=_("Your question about “%(product)s” is answered."),
        by_mail=True,
    ),
    "catalog.question.refused": Kind(
        label=_("A seller does not answer my question"),
        line=_("Your question about “%(product)s” is not answered: read why."),
    ),
    "catalog.question.hidden": Kind(
        label=_("The exchange hides a question of mine, or about a product of ours"),
        line=_("A question about “%(product)s” was hidden: read why."),
    ),
    "catalog.product.reviewed": Kind(
        label=_("A buyer reviews a product of ours"),
        line=_("%(organisation)s reviewed “%(product)s” with %(stars)s of 5 stars."),
    ),
    "orders.order.to_confirm": Kind(
        label=_("An order of ours waits for a second person"),
        line=_(
            "The order of “%(product)s” for %(total)s is above your limit: confirm or decline it."
        ),
        by_mail=True,
    ),
    "orders.order.declined": Kind(
        label=_("An order of ours was declined by the second person"),
        line=_("The order of “%(product)s” was declined."),
    ),
    "orders.order.payment_failed": Kind(
        label=_("A payment of ours failed"),
        line=_("The payment of %(total)s for “%(product)s” failed. Try again or pay another way."),
        by_mail=True,
    ),
    "orders.order.paid": Kind(
        label=_("Somebody bought from us"),
        line=_("“%(product)s” was bought for %(total)s. The exchange holds the money."),
    ),
    "orders.order.delivered": Kind(
        label=_("A purchase of ours was delivered"),
        line=_("“%(product)s” is delivered. Look at it, then accept it or object."),
        by_mail=True,
    ),
    "disputes.dispute.opened": Kind(
        label=_("A dispute over an order was opened"),
        line=_("A dispute over “%(product)s” is open. The exchange holds %(total)s until it ends."),
        by_mail=True,
    ),
    "disputes.dispute.answered": Kind(
        label=_("A dispute was answered"),
        line=_("The dispute over “%(product)s” was answered. The exchange decides next."),
        by_mail=True,
    ),
    "disputes.dispute.asked": Kind(
        label=_("The exchange asks something in a dispute"),
        line=_("The exchange asks you something in the dispute over “%(product)s”."),
        by_mail=True,
    ),
    "disputes.dispute.replied": Kind(
        label=_("A question of the exchange in a dispute was answered"),
        line=_("The exchange's question in the dispute over “%(product)s” was answered."),
    ),
    "disputes.dispute.withdrawn": Kind(
        label=_("A dispute was withdrawn"),
        line=_("The dispute over “%(product)s” was withdrawn. The seller keeps the money."),
        by_mail=True,
    ),
    "disputes.dispute.conceded": Kind(
        label=_("The other side of a dispute agreed"),
        line=_("The other side agreed to what you asked for in the dispute over “%(product)s”."),
        by_mail=True,
    ),
    "disputes.dispute.expired": Kind(
        label=_("A dispute ended because a side did not answer"),
        line=_("The dispute over “%(product)s” ended, since a side did not answer in time."),
        by_mail=True,
    ),
    "disputes.offer.made": Kind(
        label=_("A settlement of a dispute is offered"),
        line=_(
            "A settlement of the dispute over “%(product)s” is offered: it stands for some days."
        ),
        by_mail=True,
    ),
    "disputes.offer.declined": Kind(
        label=_("The offer of a settlement was declined"),
        line=_("The offer in the dispute over “%(product)s” was declined. The dispute goes on."),
    ),
    "disputes.offer.lapsed": Kind(
        label=_("The offer of a settlement has lapsed"),
        line=_("The offer in the dispute over “%(product)s” was not answered and has lapsed."),
    ),
    "disputes.offer.accepted": Kind(
        label=_("A dispute was settled"),
        line=_("The dispute over “%(product)s” ended by the offer that was accepted."),
        by_mail=True,
    ),
    "disputes.dispute.decided": Kind(
        label=_("The exchange decided a dispute"),
        line=_(
            "The exchange decided the dispute over “%(product)s”: read how, and until when to appeal."
        ),
        by_mail=True,
    ),
    "disputes.ruling.took_effect": Kind(
        label=_("The ruling on a dispute is final"),
        line=_("The ruling on the dispute over “%(product)s” is final and carried out."),
        by_mail=True,
    ),
    "disputes.appeal.made": Kind(
        label=_("A side appealed against a ruling"),
        line=_("A side appealed in the dispute over “%(product)s”. %(total)s stay held."),
        by_mail=True,
    ),
    "disputes.appeal.answered": Kind(
        label=_("An appeal in a dispute was answered"),
        line=_("The appeal in the dispute over “%(product)s” was answered."),
    ),
    "disputes.appeal.withdrawn": Kind(
        label=_("An appeal in a dispute was withdrawn"),
        line=_("The appeal in the dispute over “%(product)s” was withdrawn. The ruling is final."),
        by_mail=True,
    ),
    "disputes.appeal.decided": Kind(
        label=_("The exchange decided an appeal"),
        line=_(
            "The appeal in the dispute over “%(product)s” is decided, and that is final: read how."
        ),
        by_mail=True,
    ),
    "disputes.dispute.money_returned": Kind(
        label=_("A dispute ended because all of the money went back"),
        line=_("The dispute over “%(product)s” ended: all of the money went back to the buyer."),
        by_mail=True,
    ),
    "orders.order.released": Kind(
        label=_("The exchange released the money of an objected order"),
        line=_("The exchange released %(total)s for “%(product)s” to the seller."),
        by_mail=True,
    ),
    "orders.order.refunded": Kind(
        label=_("The exchange refunded an order"),
        line=_("The exchange refunded %(total)s for “%(product)s” to the buyer."),
        by_mail=True,
    ),
    "orders.order.money_returned": Kind(
        label=_("An order was refunded in full"),
        line=_("What was still held of %(total)s for “%(product)s” goes back to the buyer."),
        by_mail=True,
    ),
    "orders.order.closed": Kind(
        label=_("A sale of ours is settled"),
        line=_("The sale of “%(product)s” is settled, invoiced and certified."),
    ),
    "orders.order.lapsed": Kind(
        label=_("An order of ours was cancelled because its time was over"),
        line=_("The order of “%(product)s” was cancelled, since its time was over."),
    ),
    "orders.order.message": Kind(
        label=_("Somebody writes to us about an order"),
        line=_("There is a new message about the order of “%(product)s”."),
    ),
    "negotiation.turn": Kind(
        label=_("A negotiation waits for us"),
        line=_("It is your turn about “%(product)s”, until %(until)s."),
        by_mail=True,
    ),
    "negotiation.to_approve": Kind(
        label=_("An acceptance of ours waits for a second person"),
        line=_("The acceptance about “%(product)s” waits for a second person until %(until)s."),
        by_mail=True,
    ),
    "negotiation.ended": Kind(
        label=_("A negotiation of ours has ended"),
        line=_("The negotiation about “%(product)s” has ended without an agreement."),
    ),
    "contracts.to_sign": Kind(
        label=_("A contract of ours waits to be signed"),
        line=_("The contract about “%(product)s” waits to be signed, until %(until)s."),
        by_mail=True,
    ),
    "auctions.bid.outbid": Kind(
        label=_("We are outbid in an auction"),
        line=_("You are outbid in “%(auction)s”, which ends %(until)s."),
    ),
    "auctions.award.won": Kind(
        label=_("We have won an auction"),
        line=_("You have won “%(auction)s” for %(price)s."),
        by_mail=True,
    ),
    "asset_sales.bidder.qualified": Kind(
        label=_("We may buy a state asset"),
        line=_("The exchange qualified you as a bidder for “%(product)s”."),
        by_mail=True,
    ),
    "asset_sales.bidder.rejected": Kind(
        label=_("We may not buy a state asset"),
        line=_("The exchange did not qualify you for “%(product)s”: read why."),
        by_mail=True,
    ),
    "metering.cap.nears": Kind(
        label=_("Our use nears a cap"),
        line=_("%(percent)s %% of %(limit)s is used of “%(product)s”."),
        by_mail=True,
    ),
    "metering.cap.reached": Kind(
        label=_("Our use reached its cap, and the data is closed"),
        line=_("The cap of %(limit)s is reached: “%(product)s” is closed until the next period."),
        by_mail=True,
    ),
    "metering.use.jumped": Kind(
        label=_("Far more was reported of our use than before"),
        line=_("On %(day)s far more %(meter)s than before were reported of “%(product)s”."),
        by_mail=True,
    ),
    "metering.dispute.held": Kind(
        label=_("A report of use waits for the buyer's word"),
        line=_("%(quantity)s %(meter)s of “%(product)s” on %(day)s wait for the buyer's word."),
        by_mail=True,
    ),
    "metering.dispute.objected": Kind(
        label=_("A buyer objects to use that we reported"),
        line=_("The buyer objects to %(quantity)s %(meter)s of “%(product)s” on %(day)s."),
        by_mail=True,
    ),
    "metering.dispute.confirmed": Kind(
        label=_("A buyer confirmed use that we reported"),
        line=_("The buyer confirmed %(quantity)s %(meter)s of “%(product)s” on %(day)s."),
    ),
    "metering.dispute.refused": Kind(
        label=_("A buyer refused use that we reported"),
        line=_("The buyer refused %(quantity)s %(meter)s of “%(product)s” on %(day)s."),
        by_mail=True,
    ),
    "metering.dispute.overdue": Kind(
        label=_("The exchange decides on use that nobody answered for"),
        line=_("The exchange decides on %(quantity)s %(meter)s of “%(product)s” on %(day)s."),
        by_mail=True,
    ),
    "metering.dispute.upheld": Kind(
        label=_("The exchange corrected use"),
        line=_("The exchange corrected %(quantity)s %(meter)s of “%(product)s” on %(day)s."),
        by_mail=True,
    ),
    "metering.dispute.rejected": Kind(
        label=_("The exchange found reported use right"),
        line=_("The exchange found %(quantity)s %(meter)s of “%(product)s” on %(day)s right."),
        by_mail=True,
    ),
    **MEMBERS,
    "orders.fee.agreed": Kind(
        label=_("The exchange agreed a service fee with us"),
        line=_(
            "For what is ordered from %(at)s on, your service fee is %(percent)s %% of the net."
        ),
        by_mail=True,
    ),
    "orders.fee.withdrawn": Kind(
        label=_("A service fee agreed with us was withdrawn"),
        line=_("The service fee that was to begin on %(at)s was withdrawn."),
        by_mail=True,
    ),
    "orders.fee.ended": Kind(
        label=_("A service fee agreed with us ends"),
        line=_(
            "The service fee agreed with you ends on %(at)s; after that the fee for all sellers holds."
        ),
        by_mail=True,
    ),
    "orders.subscription.renews": Kind(
        label=_("A subscription of ours renews soon"),
        line=_("“%(product)s” renews for %(total)s; the period paid for ends on %(until)s."),
    ),
    "orders.subscription.ends": Kind(
        label=_("A subscription of ours ends soon"),
        line=_("“%(product)s” ends on %(until)s and does not renew."),
        by_mail=True,
    ),
    "orders.subscription.waits": Kind(
        label=_("A subscription of ours waits before it renews"),
        line=_(
            "The period of “%(product)s” that you paid for ended on %(until)s. It renews once the "
            "dispute over it is decided or the order is accepted; you are told before."
        ),
        by_mail=True,
    ),
    "orders.subscription.ended": Kind(
        label=_("A subscription of ours has ended without renewing"),
        line=_(
            "“%(product)s” ended on %(until)s: its next period was not paid or could not be sold."
        ),
        by_mail=True,
    ),
    "orders.subscription.declined": Kind(
        label=_("A seller does not renew a subscription of ours"),
        line=_("The seller lets “%(product)s” end with what is paid for, %(until)s: %(reason)s"),
        by_mail=True,
    ),
    "orders.subscription.offered_again": Kind(
        label=_("A seller renews a subscription of ours after all"),
        line=_(
            "The seller lets “%(product)s” go on after %(until)s, if you have it renewed on its page."
        ),
        by_mail=True,
    ),
    "orders.subscription.charged": Kind(
        label=_("A renewal of ours is charged to the saved card"),
        line=_("“%(product)s” renews on %(until)s. %(total)s is charged to your saved card."),
        by_mail=True,
    ),
    "orders.subscription.renewal": Kind(
        label=_("A renewal of ours waits for payment"),
        line=_("Pay %(total)s before %(until)s and “%(product)s” goes on."),
        by_mail=True,
    ),
    **MONEY,
}
