"""What the demo mails is read in its mailbox; nothing of a mail is trusted."""

import re
from html import unescape
from pathlib import Path

import pytest
from django.core.mail import EmailMessage, EmailMultiAlternatives, send_mail
from django.test import Client
from pytest_django import Settings

from exchange.demo import mailbox
from exchange.demo.mailbox import Piece, pieces_of
from tests.factories.accounts import a_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path, settings: Settings) -> Path:
    settings.ROOT_URLCONF = "exchange.demo.urls"
    settings.SECOND_FACTOR_REQUIRED = False
    settings.EMAIL_BACKEND = "exchange.demo.mailbox.Backend"
    settings.INSTANCE_DIR = tmp_path
    return tmp_path / "mail"


def page_of_the_newest(client: Client) -> str:
    listed = client.get("/demo/mail/").content.decode()
    links = re.findall(r'href="(/demo/mail/[^"]+/)"', listed)
    return client.get(links[0]).content.decode()


@pytest.mark.usefixtures("folder")
def test_the_link_of_a_new_password_is_read_and_opened(client: Client) -> None:
    a_user(email="fan@demo.example")
    asked = client.post("/accounts/password/reset/", {"email": "fan@demo.example"}, follow=True)
    assert '<a href="/demo/mail/">' in asked.content.decode()
    shown = page_of_the_newest(client)
    assert "fan@demo.example" in shown
    link = re.search(r'href="(/accounts/password/reset/key/[^"]+)"', shown)
    assert link is not None
    assert client.get(unescape(link[1]), follow=True).status_code == 200


@pytest.mark.usefixtures("folder")
def test_an_empty_mailbox_says_how_a_mail_comes(client: Client) -> None:
    assert "No mails yet" in client.get("/demo/mail/").content.decode()


@pytest.mark.usefixtures("folder")
def test_what_is_hostile_in_a_mail_stays_text(client: Client) -> None:
    mail = EmailMultiAlternatives(
        "<script>alert(1)</script>", "", "exchange@demo.example", ['"<b>x</b>" <x@demo.example>']
    )
    mail.attach_alternative(
        "<style>p{}</style><script>alert(2)</script><p onclick=alert(3)>Hello</p>"
        "<a href='javascript:alert(4)'>there</a><img src=x onerror=alert(5)>&lt;i&gt;",
        "text/html",
    )
    mail.body = ""
    mail.attach("../../<img src=x onerror=alert(6)>.html", "<script>alert(7)</script>", "text/html")
    mail.send()
    shown = page_of_the_newest(client)
    assert "<script>alert" not in shown
    assert "onerror=alert(6)&gt;" in shown  # the name, as text
    assert "<img src=x" not in shown
    assert "alert(7)" not in shown
    assert 'href="javascript' not in shown


def test_a_mail_that_is_html_alone_shows_its_words(folder: Path, client: Client) -> None:
    mail = EmailMessage("Words", "<p>One</p><p>two &amp; &lt;i&gt;</p>", to=["a@demo.example"])
    mail.content_subtype = "html"
    mail.send()
    (kept,) = mailbox.newest()
    found = mailbox.mail_named(kept.name)
    assert found is not None
    assert "".join(piece.text for piece in found.pieces) == "One\ntwo & <i>"
    assert folder.stat().st_mode


def test_mails_are_listed_the_newest_first(folder: Path) -> None:
    for number in range(3):
        send_mail(f"Mail {number}", "Text", None, [f"{number}@demo.example"])
    assert [mail.subject for mail in mailbox.newest()] == ["Mail 2", "Mail 1", "Mail 0"]
    assert len(list(folder.iterdir())) == 3


def test_a_name_that_was_not_given_here_is_no_mail(folder: Path, client: Client) -> None:
    send_mail("Mail", "Text", None, ["a@demo.example"])
    name = mailbox.newest()[0].name
    secret = folder.parent / "secret"
    secret.write_text("Subject: secret\n\nkept")
    linked = folder / f"{name[:-1]}{'0' if name[-1] != '0' else '1'}.eml"
    linked.symlink_to(secret)
    (folder / "<b>.eml").write_text("Subject: odd\n\nText")
    assert [mail.subject for mail in mailbox.newest()] == ["Mail"]
    for path in (linked.stem, "..%2fsecret", "../secret", "20260101T000000000000-00000000"):
        assert client.get(f"/demo/mail/{path}/").status_code == 404


@pytest.mark.usefixtures("folder")
def test_bytes_that_are_no_mail_are_shown_as_far_as_they_can_be_read() -> None:
    folder = mailbox._folder()
    folder.mkdir()
    name = "20260101T000000000000-00000000"
    (folder / f"{name}.eml").write_bytes(
        b"Subject: =?nonsense?B?////?=\nTo: \xff\xfe\nContent-Type: text/plain; charset=klingon\n\n\xff words"
    )
    found = mailbox.mail_named(name)
    assert found is not None
    assert "words" in "".join(piece.text for piece in found.pieces)


def test_links_of_this_exchange_lead_there_by_their_path(settings: Settings) -> None:
    settings.PUBLIC_URL = "http://localhost:8000"
    text = "Open http://localhost:8000/notices/?a=1. Or http://localhost:8000.evil.example/x or javascript:alert(1)"
    assert pieces_of(text) == [
        Piece("Open "),
        Piece("http://localhost:8000/notices/?a=1", "/notices/?a=1", is_ours=True),
        Piece(". Or "),
        Piece("http://localhost:8000.evil.example/x", "http://localhost:8000.evil.example/x"),
        Piece(" or javascript:alert(1)"),
    ]


def test_outside_the_demo_there_is_no_mailbox(client: Client) -> None:
    assert client.get("/demo/mail/").status_code == 404
    assert "/demo/mail/" not in client.get("/accounts/password/reset/done/").content.decode()
