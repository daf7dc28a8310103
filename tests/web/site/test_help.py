"""The glossary has one word per idea, in both languages."""

from django.test import Client

from exchange.web.site import views as guide


def test_every_term_is_complete_and_stands_once() -> None:
    terms = guide.glossary()
    wanted = {"id", "group", "en", "zh", "en_text", "zh_text"}
    assert all(set(term) == wanted and all(term.values()) for term in terms)
    assert all(term["group"] in guide.GROUPS for term in terms)
    for column in ("id", "en", "zh"):
        names = [term[column] for term in terms]
        assert len(set(names)) == len(names)


def test_terms_lead_with_the_readers_language(client: Client, db: None) -> None:
    english = client.get("/help/").content.decode()
    chinese = client.get("/help/", headers={"Accept-Language": "zh-CN"}).content.decode()
    assert '<span class="font-semibold">Checkpoint</span>' in english
    assert '<span class="font-semibold">检查点</span>' in chinese
    assert len(guide.glossary()) == english.count('id="term-') == chinese.count('id="term-')
