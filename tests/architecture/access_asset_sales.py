"""Who gets which answer at the addresses of state-asset sales."""

from collections.abc import Mapping

from tests.architecture.access_routes import Route, act, answer, call, page

NO_ANNOUNCEMENT = {"announcement_id": "ann_unknown"}

ASSET_SALES: Mapping[str, Route] = {
    "web:asset_sales": Route(get=page(200, newcomer=403), post=page(403)),
    # What is announced is public.
    "web:announcements": Route(get=answer(200)),
    "web:announcement": Route(get=answer(404), names=NO_ANNOUNCEMENT),
    "web:announcement_document": Route(
        get=answer(404), names={**NO_ANNOUNCEMENT, "kind": "announcement", "form": "html"}
    ),
    "web:announcement_bid": Route(post=page(404), names=NO_ANNOUNCEMENT),
    # Over the API to members of any organisation.
    "api:announcements": Route(get=call(200, key=200, newcomer=403)),
    "api:announcement": Route(get=call(404, key=404, newcomer=403), names=NO_ANNOUNCEMENT),
    "api:announcement-bid": Route(post=call(422), names=NO_ANNOUNCEMENT),
    "api:asset_sales": Route(get=call(200, key=200, newcomer=403)),
    # The console.
    "console:asset_sales_assetsale_resume": act("asset_sales.assetsale", operators=403),
    "console:asset_sales_assetsale_publish": act("asset_sales.assetsale", operators=403),
}
