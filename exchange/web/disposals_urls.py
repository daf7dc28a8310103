"""Pages of state-asset sales: the seller's, and the announcements that everybody reads."""

from django.urls import URLPattern, path

from exchange.web.views import announcements, disposals

urlpatterns: list[URLPattern] = [
    path("disposals/", disposals.show_all, name="disposals"),
    path("disposals/<str:disposal_id>/", disposals.show, name="disposal"),
    path(
        "disposals/<str:disposal_id>/conflict/",
        disposals.declare_conflict,
        name="disposal_conflict",
    ),
    path(
        "disposals/<str:disposal_id>/documents/<str:document_id>/",
        disposals.download,
        name="disposal_document",
    ),
    path("disposals/<str:disposal_id>/act/<slug:name>/", disposals.act, name="disposal_act"),
    path("announcements/", announcements.show_all, name="announcements"),
    path("announcements/<str:announcement_id>/", announcements.show, name="announcement"),
    path(
        "announcements/<str:announcement_id>/register/",
        announcements.register,
        name="announcement_register",
    ),
    path("announcements/<str:announcement_id>/bid/", announcements.bid, name="announcement_bid"),
    path(
        "announcements/<str:announcement_id>/papers/<slug:kind>.<slug:form>",
        announcements.paper,
        name="announcement_paper",
    ),
]
