"""Who gets which answer at the addresses of state-asset sales."""

from collections.abc import Mapping

from tests.architecture.access_routes import Route, act, answer, call, desk, page, row

UNKNOWN = {"disposal_id": "dsp_unknown"}
NO_ANNOUNCEMENT = {"announcement_id": "ann_unknown"}

DISPOSALS: Mapping[str, Route] = {
    "web:disposals": Route(get=page(200, newcomer=403), post=page(403)),
    "web:disposal": Route(get=page(404), names=UNKNOWN),
    "web:disposal_conflict": Route(post=page(404), names=UNKNOWN),
    "web:disposal_document": Route(get=page(404), names={**UNKNOWN, "document_id": "dpd_x"}),
    "web:disposal_act": Route(post=page(404), names={**UNKNOWN, "name": "decide"}),
    # What is announced is public.
    "web:announcements": Route(get=answer(200)),
    "web:announcement": Route(get=answer(404), names=NO_ANNOUNCEMENT),
    "web:announcement_register": Route(post=page(404), names=NO_ANNOUNCEMENT),
    "web:announcement_bid": Route(post=page(404), names=NO_ANNOUNCEMENT),
    "web:announcement_paper": Route(
        get=answer(404), names={**NO_ANNOUNCEMENT, "kind": "announcement", "form": "html"}
    ),
    # Over the API to members of any organisation.
    "api:announcements": Route(get=call(200, key=200, newcomer=403)),
    "api:announcement": Route(get=call(404, key=404, newcomer=403), names=NO_ANNOUNCEMENT),
    "api:announcement-register": Route(post=call(422), names=NO_ANNOUNCEMENT),
    "api:announcement-bid": Route(post=call(422), names=NO_ANNOUNCEMENT),
    "api:disposals": Route(get=call(200, key=200, newcomer=403)),
    "api:disposal": Route(get=call(404, key=404), names=UNKNOWN),
    # The console.
    "console:disposals_disposal_change": row("disposals.disposal", get=desk(302)),
    "console:disposals_disposal_suspend": act("disposals.disposal", operators=403),
    "console:disposals_disposal_resume": act("disposals.disposal", operators=403),
    "console:disposals_disposal_publish": act("disposals.disposal", operators=403),
    "console:disposals_bidder_change": row("disposals.bidder", get=desk(302)),
    "console:disposals_bidder_qualify": act("disposals.bidder", operators=403),
    "console:disposals_bidder_reject": act("disposals.bidder", operators=403),
}
