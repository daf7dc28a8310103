"""Addresses of disputes."""

from django.urls import path

from exchange.web.disputes import views

urlpatterns = [
    path("disputes/", views.show_all, name="disputes"),
    path("disputes/<str:dispute_id>/", views.show, name="dispute"),
    path("disputes/<str:dispute_id>/answer/", views.answer, name="dispute_answer"),
    path("disputes/<str:dispute_id>/reply/", views.reply, name="dispute_reply"),
    path("disputes/<str:dispute_id>/appeal/", views.appeal, name="dispute_appeal"),
    path(
        "disputes/<str:dispute_id>/appeal/answer/",
        views.answer_appeal,
        name="dispute_answer_appeal",
    ),
    path(
        "disputes/<str:dispute_id>/appeal/withdraw/",
        views.withdraw_appeal,
        name="dispute_withdraw_appeal",
    ),
    path(
        "disputes/<str:dispute_id>/ruling/accept/",
        views.accept_ruling,
        name="dispute_accept_ruling",
    ),
    path(
        "disputes/<str:dispute_id>/arbitration.zip",
        views.download_arbitration,
        name="dispute_arbitration",
    ),
    path("disputes/<str:dispute_id>/files/", views.hand_in, name="dispute_hand_in"),
    path("disputes/<str:dispute_id>/files/<str:file_id>/", views.download, name="dispute_file"),
    path("disputes/<str:dispute_id>/offers/", views.offer, name="dispute_offer"),
    path(
        "disputes/<str:dispute_id>/offers/<int:number>/accept/",
        views.take_offer,
        name="dispute_take_offer",
    ),
    path(
        "disputes/<str:dispute_id>/offers/<int:number>/decline/",
        views.decline_offer,
        name="dispute_decline_offer",
    ),
    path("disputes/<str:dispute_id>/agree/", views.concede, name="dispute_concede"),
    path("disputes/<str:dispute_id>/withdraw/", views.withdraw, name="dispute_withdraw"),
]
