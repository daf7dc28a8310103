"""Who gets which answer at the addresses of state-asset sales."""

from collections.abc import Mapping

from tests.architecture.access_routes import Route, act, answer, call, desk, page, row

UNKNOWN = {"asset_sale_id": "dsp_unknown"}
NO_ANNOUNCEMENT = {"announcement_id": "ann_unknown"}

ASSET_SALES: Mapping[str, Route] = {
    "web:asset_sales": Route(get=page(200, newcomer=403), post=page(403)),
    "web:asset_sale": Route(get=page(404), names=UNKNOWN),
    "web:asset_sale_conflict": Route(post=page(404), names=UNKNOWN),
    "web:asset_sale_document": Route(get=page(404), names={**UNKNOWN, "document_id": "dpd_x"}),
    "web:asset_sale_act": Route(post=page(404), names={**UNKNOWN, "name": "decide"}),
    # What is announced is public.
    "web:announcements": Route(get=answer(200)),
    "web:announcement": Route(get=answer(404), names=NO_ANNOUNCEMENT),
    "web:announcement_register": Route(post=page(404), names=NO_ANNOUNCEMENT),
    "web:announcement_bid": Route(post=page(404), names=NO_ANNOUNCEMENT),
    "web:announcement_document": Route(
        get=answer(404), names={**NO_ANNOUNCEMENT, "kind": "announcement", "form": "html"}
    ),
    # Over the API to members of any organisation.
    "api:announcements": Route(get=call(200, key=200, newcomer=403)),
    "api:announcement": Route(get=call(404, key=404, newcomer=403), names=NO_ANNOUNCEMENT),
    "api:announcement-register": Route(post=call(422), names=NO_ANNOUNCEMENT),
    "api:announcement-bid": Route(post=call(422), names=NO_ANNOUNCEMENT),
    "api:asset_sales": Route(get=call(200, key=200, newcomer=403)),
    "api:asset_sale": Route(get=call(404, key=404), names=UNKNOWN),
    # The console.
    "console:asset_sales_assetsale_change": row("asset_sales.assetsale", get=desk(302)),
    "console:asset_sales_assetsale_suspend": act("asset_sales.assetsale", operators=403),
    "console:asset_sales_assetsale_resume": act("asset_sales.assetsale", operators=403),
    "console:asset_sales_assetsale_publish": act("asset_sales.assetsale", operators=403),
    "console:asset_sales_bidder_change": row("asset_sales.bidder", get=desk(302)),
    "console:asset_sales_bidder_qualify": act("asset_sales.bidder", operators=403),
    "console:asset_sales_bidder_reject": act("asset_sales.bidder", operators=403),
}
