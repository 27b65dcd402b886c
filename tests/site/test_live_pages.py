"""The pages of a serving process: up to date at once, in the form that is asked for, and for whoever may see them."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from repository.following import run_until_current
from repository.formats import FORMATS
from repository.records.visibility import SYSTEM, Viewer
from repository.services import drafts, editions, publishing, withdrawal
from repository.services.accounts import create_token
from repository.services.instance import Instance
from site_builder.pages import ROUTES
from site_builder.projection import open_projection
from tests.instances import METADATA, add_files, body, person, published, published_for
from tests.site.site_output import assets_of

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
SUFFICIENT = {"rights": [{"id": "cc-by-4.0"}], "subjects": [{"subject": "rain"}]}
"""What CCMM needs beside what publishing needs."""
CLOSED = {"record": "restricted", "files": "restricted"}


def bearer(instance: Instance, name: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {create_token(instance, f'{name}@example.org')}"}


def build_site(instance: Instance) -> None:
    (outcome,) = run_until_current(instance.database, [open_projection(instance)])
    assert outcome.error == ""


def revise(instance: Instance, viewer: Viewer, record_id: str, **changes: Any) -> None:
    draft = editions.edit(instance, viewer, record_id)
    drafts.save(instance, viewer, draft.id, {**body(), **changes})
    publishing.publish(instance, viewer, draft.id)


def new_version(instance: Instance, viewer: Viewer, record_id: str, title: str) -> str:
    draft = editions.new_version(instance, viewer, record_id)
    drafts.save(instance, viewer, draft.id, body(title))
    return publishing.publish(instance, viewer, draft.id).id


@pytest.mark.both
def test_a_page_is_up_to_date_as_soon_as_something_is_published(
    instance: Instance, owner: Viewer, client: FlaskClient
) -> None:
    record_id = published(instance, owner, body("First title"))
    answer = client.get(f"/records/{record_id}", headers={"Accept": BROWSER})
    assert (answer.status_code, answer.content_type) == (200, "text/html; charset=utf-8")
    assert "First title" in answer.text
    revise(instance, owner, record_id, metadata={**METADATA, "title": "Second title"})
    text = client.get(f"/records/{record_id}").text
    assert "Second title" in text
    assert "First title" not in text


def test_headers_of_pages(instance: Instance, owner: Viewer, client: FlaskClient) -> None:
    record_id = published(instance, owner, body())
    build_site(instance)
    for path in ("/", f"/records/{record_id}", "/browse/", "/search", "/about/", "/deposit", "/records/nothing"):
        answer = client.get(path)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe-inline" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"]
        assert "Cookie" in answer.headers["Vary"]
        assert "Set-Cookie" not in answer.headers
    landing = client.get(f"/records/{record_id}")
    assert "Accept" in landing.headers["Vary"]
    assert landing.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert (
        f'/records/{record_id}/datacite.xml>; rel="describedby"; type="application/vnd.datacite'
        in landing.headers["Link"]
    )


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
def test_formats_by_accept_and_by_name(instance: Instance, owner: Viewer, client: FlaskClient, form: Any) -> None:
    record_id = published_for(instance, owner, form)
    asked = client.get(f"/records/{record_id}", headers={"Accept": form.media_type})
    named = client.get(f"/records/{record_id}/{form.file_name}")
    for answer in (asked, named):
        assert answer.status_code == 200
        declared = answer.content_type.partition(";charset=utf-8;")[0]  # what follows are parameters of the format
        assert declared.removesuffix("; charset=utf-8") == form.media_type
        assert answer.headers["Content-Location"] == f"/records/{record_id}/{form.file_name}"
        assert "Accept" in answer.headers["Vary"]
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        page = f'<http://repository.test/records/{record_id}>; rel="describes"; type="text/html"'
        links = answer.headers.get("Link", "").split(", ")
        assert (links[0] == page) == (form.relation == "describedby")
        assert all('rel="profile"' in link or 'rel="alternate"' in link for link in links[1:])
    assert asked.data == named.data


@pytest.mark.parametrize("form", [form for form in FORMATS if form.echoed], ids=lambda form: form.name)
def test_who_asks_for_a_format_by_its_other_name_gets_it_by_that_name(
    instance: Instance, owner: Viewer, client: FlaskClient, form: Any
) -> None:
    record_id = published_for(instance, owner, form)
    own, other = form.media_type, form.echoed[0]
    for page in (f"/records/{record_id}", f"/api/records/{record_id}"):
        for accept, declared in (
            (other, other), (own, own), (f"{own};q=0.9, {other}", other), (f"{own}, {other};q=0.9", own),
            (f"{own}, {other};q=0", own), (f"{other[0].upper()}{other[1:]}, image/png", other),
        ):  # fmt: skip
            answer = client.get(page, headers={"Accept": accept})
            assert answer.status_code == 200
            assert answer.content_type.removesuffix("; charset=utf-8") == declared, (page, accept)
    assert client.get(f"/records/{record_id}/{form.file_name}").mimetype == own


def test_a_format_that_a_record_can_t_be_had_in_is_nowhere(
    instance: Instance, owner: Viewer, client: FlaskClient
) -> None:
    record_id = published(instance, owner, body())
    page = f"/records/{record_id}"
    assert client.get(f"{page}/ccmm.xml").status_code == 404
    assert client.get(page, headers={"Accept": "application/vnd.ccmm+xml"}).status_code == 406
    for wanted, given in ((BROWSER, "text/html"), ("text/turtle", "text/turtle")):
        accept = f"application/vnd.ccmm+xml, {wanted.replace(',', ';q=0.5,', 1)}"
        assert client.get(page, headers={"Accept": accept}).mimetype == given
    landing = client.get(page)
    assert "ccmm.xml" not in landing.text + landing.headers["Link"]
    suits = client.get(f"/records/{published(instance, owner, body(**SUFFICIENT))}")
    assert suits.text.count("/ccmm.xml") == 2, "a link in the head, and one to read"
    assert "/ccmm.xml>;" in suits.headers["Link"]


def test_what_a_browser_and_what_nobody_asks_for_is_html(
    instance: Instance, owner: Viewer, client: FlaskClient
) -> None:
    record_id = published(instance, owner, body())
    for accept in (BROWSER, "*/*", "", "text/html", "text/turtle;q=0.3, text/html;q=0.5"):
        assert client.get(f"/records/{record_id}", headers={"Accept": accept}).mimetype == "text/html", accept
    assert client.get(f"/records/{record_id}", headers={"Accept": "image/png"}).status_code == 406


@pytest.mark.both
def test_the_id_of_a_parent_leads_to_the_newest_version(instance: Instance, owner: Viewer, client: FlaskClient) -> None:
    first = published(instance, owner, body("Version one"))
    second = new_version(instance, owner, first, "Version two")
    with instance.database.read() as connection:
        from repository.services.reading import find

        parent = find(connection, owner, first).snapshot.parent_id
    for path in (f"/records/{parent}", f"/records/{first}/latest", f"/records/{parent}/latest"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (302, f"/records/{second}"), path
    answer = client.get(f"/records/{parent}/record.ttl")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/records/{second}/record.ttl")
    old = client.get(f"/records/{first}").text
    assert "There is a newer version of this record." in old
    assert f'href="/records/{second}"' in old
    assert "There is a newer version" not in client.get(f"/records/{second}").text


@pytest.mark.both
def test_a_withdrawn_record_leaves_its_tombstone(instance: Instance, owner: Viewer, client: FlaskClient) -> None:
    first = published(instance, owner, body("Version one"))
    second = new_version(instance, owner, first, "Version two")
    wish = {"removal_reason": {"id": "retracted"}, "note": "<p>The <b>gauge</b> leaked.</p>"}
    withdrawal.withdraw(instance, SYSTEM, second, wish)
    answer = client.get(f"/records/{second}", headers={"Accept": BROWSER})
    assert answer.status_code == 410
    for words in (
        "This record was withdrawn", "Retraction or withdrawal by the authors", "The <b>gauge</b> leaked.",
        "Holm, Ada (2024). Version two. Harbour Institute.", f'href="/records/{first}"',
    ):  # fmt: skip
        assert words in answer.text, words
    assert client.get(f"/records/{second}/record.ttl").status_code == 410
    assert client.get(f"/records/{second}", headers={"Accept": "text/turtle"}).status_code == 410
    assert "withdrawn" in client.get(f"/records/{first}").text
    withdrawal.erase(instance, SYSTEM, first)
    answer = client.get(f"/records/{first}")
    assert (answer.status_code, "Version one" in answer.text) == (410, False)
    assert "This record was erased" in answer.text


def test_a_closed_record_looks_like_an_unknown_one(instance: Instance, owner: Viewer, client: FlaskClient) -> None:
    record_id = published(instance, owner, {**body("Kept secret"), "access": CLOSED})
    closed, unknown = client.get(f"/records/{record_id}"), client.get("/records/zzzzz-zzzzz")
    assert closed.status_code == unknown.status_code == 404
    assert closed.text.replace(record_id, "zzzzz-zzzzz") == unknown.text
    assert f'href="/login?next=/records/{record_id}"' in closed.text
    seen = client.get(f"/records/{record_id}", headers=bearer(instance, "owner"))
    assert "Kept secret" in seen.text
    assert "This record is restricted." in seen.text
    assert seen.headers["Cache-Control"] == "private, no-store"
    assert 'name="robots" content="noindex"' in seen.text
    person(instance, "other")
    assert client.get(f"/records/{record_id}", headers=bearer(instance, "other")).status_code == 404


def test_owners_see_their_draft_as_the_page_it_will_be(instance: Instance, owner: Viewer, client: FlaskClient) -> None:
    draft = drafts.create(instance, owner, {**body("A draft of rain"), "files": {"enabled": True}})
    add_files(instance, owner, draft.id, {"rain.csv": b"1,2"})
    path = f"/records/{draft.id}?preview=1"
    assert client.get(path).status_code == 404
    person(instance, "other")
    assert client.get(path, headers=bearer(instance, "other")).status_code == 404
    seen = client.get(path, headers=bearer(instance, "owner"))
    assert seen.status_code == 200
    assert seen.headers["Cache-Control"] == "private, no-store"
    for words in (
        "This is a preview of a draft.",
        "A draft of rain",
        f"/api/records/{draft.id}/draft/files/rain.csv/content",
    ):
        assert words in seen.text, words
    assert client.get(f"/records/{draft.id}", headers=bearer(instance, "owner")).status_code == 404


def test_a_draft_that_lacks_everything_has_a_preview(instance: Instance, owner: Viewer, client: FlaskClient) -> None:
    draft = drafts.create(instance, owner, {})
    seen = client.get(f"/records/{draft.id}?preview=1", headers=bearer(instance, "owner"))
    assert (seen.status_code, "Untitled" in seen.text) == (200, True)


def test_the_preview_of_an_edit_shows_the_edit(instance: Instance, owner: Viewer, client: FlaskClient) -> None:
    record_id = published(instance, owner, body("Published"))
    headers = bearer(instance, "owner")
    assert "Published" in client.get(f"/records/{record_id}?preview=1", headers=headers).text
    draft = editions.edit(instance, owner, record_id)
    drafts.save(instance, owner, draft.id, body("Edited"))
    assert "Edited" in client.get(f"/records/{record_id}?preview=1", headers=headers).text
    assert "Edited" not in client.get(f"/records/{record_id}", headers=headers).text
    assert "Edited" not in client.get(f"/records/{record_id}?preview=1").text


@pytest.mark.both
def test_bytes_of_files(instance: Instance, owner: Viewer, client: FlaskClient) -> None:
    record_id = published(instance, owner, body(), {"data/a b.csv": b"a,b\n1,2\n"})
    path = f"/records/{record_id}/files/data/a%20b.csv"
    assert f'href="{path}"' in client.get(f"/records/{record_id}").text
    answer = client.get(path, buffered=True)
    assert (answer.data, answer.mimetype) == (b"a,b\n1,2\n", "text/csv")
    assert answer.headers["Link"] == f'<http://repository.test/records/{record_id}>; rel="collection"; type="text/html"'
    saved = client.get(f"{path}?download=1", buffered=True)
    assert saved.headers["Content-Disposition"].startswith("attachment")
    part = client.get(path, headers={"Range": "bytes=2-2"}, buffered=True)
    assert (part.status_code, part.data) == (206, b"b")
    assert client.get(f"/records/{record_id}/files/none.csv").status_code == 404


def test_redirects_by_doi_and_oai_identifier(instance: Instance, owner: Viewer, client: FlaskClient) -> None:
    pids = {"doi": {"identifier": "10.1234/Rain", "provider": "external"}}
    record_id = published(instance, owner, {**body(), "pids": pids})
    for path in ("/doi/10.1234/Rain", "/doi/10.1234/rAIN", f"/oai/oai:repository.test:{record_id}"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (302, f"/records/{record_id}"), path
    for path in ("/doi/10.1234/snow", "/oai/oai:elsewhere.org:x", f"/oai/{record_id}", "/oai/oai:repository.test:a_b"):
        assert client.get(path).status_code == 404, path
    closed = {"doi": {"identifier": "10.1234/closed", "provider": "external"}}
    published(instance, owner, {**body(), "pids": closed, "access": CLOSED})
    assert client.get("/doi/10.1234/closed").status_code == 404
    assert client.get("/doi/10.1234/closed", headers=bearer(instance, "owner")).status_code == 302


@pytest.mark.parametrize(
    "path",
    [
        "/records/%00", "/records/../etc/passwd", "/records/ABCDE-12345", "/records/é", "/records/a%2Fb",
        "/records/x/y", "/records/x/files/%00", "/records/x/latest", "/records/x/record.ttl", "/doi/%00", "/doi/x",
        "/oai/x%00", "/browse/x/", "/browse/2020/05/12/..%2F/", "/static/none.css", "/static/..%2Fpages.py",
        "/sitemaps/x.xml", "/sitemaps/2020.xml", "/sitemaps/..%2Fx.xml", "/no/such/page",
    ],
)  # fmt: skip
def test_addresses_of_nothing(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "Page not found" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.both
def test_lists_follow_the_last_build(instance: Instance, owner: Viewer, client: FlaskClient) -> None:
    assert "Nothing has been published here yet." in client.get("/").text
    assert client.get("/browse/2024/").status_code == 404
    record_id = published(instance, owner, body("Rain in May"))
    published(instance, owner, {**body("Kept secret"), "access": CLOSED})
    build_site(instance)
    for path in ("/", "/browse/2024/", "/browse/2024/05/"):
        text = client.get(path).text
        assert f'href="/records/{record_id}"' in text, path
        assert "Rain in May" in text
        assert "Kept secret" not in text
    assert 'href="/browse/2024/"' in client.get("/browse/").text
    assert "May 2024" in client.get("/browse/2024/").text
    assert "1 record" in client.get("/").text
    withdrawal.withdraw(instance, SYSTEM, record_id, {})
    build_site(instance)
    assert "Rain in May" not in client.get("/").text
    assert client.get("/browse/2024/").status_code == 404


def test_live_and_frozen_pages_are_the_same(instance: Instance, owner: Viewer, client: FlaskClient) -> None:
    record_id = published(instance, owner, body("Rain"), {"rain.csv": b"1"})
    build_site(instance)
    root = instance.settings.site_output / "current"
    frozen = {
        "/": "index.html",
        f"/records/{record_id}": f"records/{record_id}/index.html",
        f"/records/{record_id}/schema.jsonld": f"records/{record_id}/schema.jsonld",
        "/browse/": "browse/index.html",
        "/browse/2024/05/": "browse/2024/05/index.html",
        "/search": "search/index.html",
        "/about/": "about/index.html",
        "/about/developers": "about/developers/index.html",
        "/manifest.webmanifest": "manifest.webmanifest",
        "/favicon.ico": "favicon.ico",
        "/deposit": "deposit/index.html",
        "/404.html": "404.html",
        "/robots.txt": "robots.txt",
        "/sitemap.xml": "sitemap.xml",
        "/sitemaps/2024-05.xml": "sitemaps/2024-05.xml",
        "/sitemaps/pages.xml": "sitemaps/pages.xml",
        **{asset.path: asset.path[1:] for asset in assets_of(client.application)},
    }
    for path, file in frozen.items():
        assert client.get(path).data == (root / file).read_bytes(), path


def test_sitemap_and_robots(instance: Instance, owner: Viewer, client: FlaskClient) -> None:
    record_id = published(instance, owner, body())
    build_site(instance)
    robots = client.get("/robots.txt")
    assert robots.mimetype == "text/plain"
    assert "Sitemap: http://repository.test/sitemap.xml" in robots.text
    index = client.get("/sitemap.xml")
    assert index.mimetype == "application/xml"
    assert "<loc>http://repository.test/sitemaps/2024-05.xml</loc><lastmod>20" in index.text
    urls = client.get("/sitemaps/2024-05.xml").text
    assert f"<loc>http://repository.test/records/{record_id}</loc><lastmod>20" in urls
    assert "<loc>http://repository.test/about/</loc>" in client.get("/sitemaps/pages.xml").text


def test_assets_may_be_kept_for_ever(client: FlaskClient) -> None:
    assets = assets_of(client.application)
    assert len(assets) == 5, "style sheet, drawings, icon, icon for telephones, outline of the land"
    for asset in assets:
        answer = client.get(asset.path)
        assert answer.data == asset.data
        assert answer.mimetype == asset.media_type
        assert "immutable" in answer.headers["Cache-Control"]
    assert assets[0].path in client.get("/about/").text


def test_every_link_of_standing_pages_answers(instance: Instance, owner: Viewer, client: FlaskClient) -> None:
    record_id = published(instance, owner, body(), {"rain.csv": b"1"})
    build_site(instance)
    from tests.site.site_output import parsed

    for path in (
        "/",
        "/about/",
        "/about/policies",
        "/about/help",
        "/about/developers",
        "/styleguide",
        "/deposit",
        "/search",
        "/browse/",
        "/browse/2024/",
        f"/records/{record_id}",
        "/nothing",
    ):
        for href in parsed(client.get(path).data).xpath("//a/@href | //head/link[not(@type)]/@href"):
            if href.startswith("/") and not href.startswith("/sparql"):
                assert client.get(href, buffered=True).status_code == 200, (path, href)


def test_uploads_lead_to_the_deposit_page(client: FlaskClient) -> None:
    answer = client.get("/uploads/7k2fa-0vj61")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/deposit?id=7k2fa-0vj61")
    assert client.get("/deposit?id=7k2fa-0vj61").status_code == 200


def test_every_route_says_what_it_does() -> None:
    assert len({route.path for route in ROUTES}) == len(ROUTES)
    assert all(route.does for route in ROUTES)
