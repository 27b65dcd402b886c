"""Text pages are Markdown: those that are shipped, and what an instance puts in their place or adds."""

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from snapshots import minimal

from repository.cli.serve import build_app
from repository.errors import WrongSetting
from repository.services.instance import Instance
from repository.storage.database import Database
from site_builder import theme
from site_builder.projection import SiteProjection
from site_builder.written import FOLDER, read, written
from tests.following.processes import eventually
from tests.following.readers import following, is_current
from tests.instances import copy_instance
from tests.records_in_store import publish
from tests.site.site_output import build, built, changes, parsed, settings_in, text_of, tree
from tests.site.test_hostile_pages import PAYLOADS, check

NAMES = ("about", "policies", "help", "developers")
VALUES = {"site.url": "https://x.org", "site.name": "Rain & <Sons>", "contact": "a@x.org"}
EXAMPLE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def write(home: Path, language: str, name: str, text: str) -> None:
    path = home / "pages" / language / f"{name}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_shipped_pages_say_the_same_in_both_languages(name: str) -> None:
    english, czech = ((FOLDER / language / f"{name}.md").read_text(encoding="utf-8") for language in ("en", "cs"))
    levels = [re.findall(r"^#+", EXAMPLE.sub("", text), re.MULTILINE) for text in (english, czech)]
    assert levels[0] == levels[1]
    assert len(EXAMPLE.findall(english)) == len(EXAMPLE.findall(czech))
    links = [sorted(re.findall(r"\]\(([^)]+)\)", text)) for text in (english, czech)]
    assert links[0] == links[1]
    placeholders = [sorted(re.findall(r"\{\{[^}]+\}\}", text)) for text in (english, czech)]
    assert placeholders[0] == placeholders[1]


def test_a_running_reader_makes_changed_pages_anew(database: Database, tmp_path: Path) -> None:
    publish(database, [minimal()])
    projection = SiteProjection(settings_in(tmp_path), database)
    with following(database, projection):
        eventually(lambda: is_current(database, projection))
        write(tmp_path, "en", "visits", "# Visits\n\nCome at noon.\n")
        eventually(lambda: b"/about/visits" in tree(tmp_path)[f"records/{minimal().id}/index.html"])
        assert "Come at noon." in tree(tmp_path)["about/visits/index.html"].decode(), (
            "no link leads to what is not there"
        )


def test_shipped_pages_are_frozen_and_named_in_footer_and_sitemap(database: Database, tmp_path: Path) -> None:
    served = built(database, tmp_path, [minimal()])
    titles = {}
    for name in NAMES:
        page = parsed(served["about/index.html" if name == "about" else f"about/{name}/index.html"])
        (article,) = page.iter("article")
        titles[name] = text_of(article.find("h1"))
        assert page.xpath("string(//title)") == f"{titles[name]} · Example Repository"
        (said,) = page.xpath("//meta[@name='description']/@content")
        assert said.rstrip("…") in text_of(article)
        assert "{{" not in text_of(article)
        assert "zzput" not in served["about/index.html"].decode()
        assert all(heading.get("id") for heading in article.xpath(".//h1 | .//h2"))
    assert titles["about"] == "About Example Repository"
    footer = parsed(served["404.html"]).find_class("site-footer")[0]
    paths = ["/about/", *(f"/about/{name}" for name in NAMES[1:])]
    assert [link.get("href") for link in footer.xpath(".//ul[1]//a")] == paths
    for path in paths:
        assert f"<loc>https://repository.example.org{path}</loc>" in served["sitemaps/pages.xml"].decode()


def test_the_guide_for_developers_has_the_table_of_formats(database: Database, tmp_path: Path) -> None:
    page = parsed(built(database, tmp_path, [])["about/developers/index.html"])
    (table,) = page.xpath("//article/table[contains(., 'text/turtle')]")
    assert "…/datacite.xml" in text_of(table)
    assert 'site = "https://repository.example.org"' in text_of(page)
    assert "-H 'Accept: text/turtle'" in text_of(page)


def test_an_instance_changes_adds_and_removes_pages(database: Database, tmp_path: Path) -> None:
    write(tmp_path, "en", "policies", "# Our rules\n\nBe kind at {{ site.name }}.\n")
    write(tmp_path, "en", "agreement", "Preamble.\n\n# Deposit agreement\n\n## Twice\n\n## Twice\n")
    write(tmp_path, "en", "No Page", "# Not served")
    projection = SiteProjection(settings_in(tmp_path), database)
    build(projection, changes([minimal()]))
    served = tree(tmp_path)
    assert "Be kind at Example Repository." in served["about/policies/index.html"].decode()
    added = parsed(served["about/agreement/index.html"])
    assert added.xpath("string(//title)") == "Deposit agreement · Example Repository"
    assert added.xpath("//h2/@id")[:2] == ["twice", "twice-2"]
    footer = parsed(served["404.html"]).find_class("site-footer")[0]
    assert [text_of(link) for link in footer.xpath(".//ul[1]//a")][-1] == "Deposit agreement"
    assert not [path for path, data in served.items() if b"Not served" in data]

    before = projection.rules()
    (tmp_path / "pages/en/agreement.md").unlink()
    write(tmp_path, "en", "policies", "# Our new rules\n")
    assert projection.rules() != before
    with projection.leading():
        projection.activate("g1")
    served = tree(tmp_path)
    assert "about/agreement/index.html" not in served
    assert "Our new rules" in served["about/policies/index.html"].decode()
    assert "about/help/index.html" in served


def test_a_language_that_lacks_a_page_has_it_in_another(tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    write(tmp_path, "cs", "agreement", "# Smlouva\n")
    write(tmp_path, "en", "terms", "# Terms\n")
    found = read(folder, ("cs", "en"), VALUES)
    titles = {language: {page.name: (page.title, page.language) for page in pages} for language, pages in found.items()}
    assert titles["cs"]["policies"] == ("Pravidla", "cs")
    assert titles["en"]["policies"] == ("Policies", "en")
    assert titles["en"]["agreement"] == ("Smlouva", "cs")
    assert titles["cs"]["terms"] == ("Terms", "en")
    assert [page.name for page in found["cs"]][:4] == list(NAMES)


def test_values_are_put_in_as_text() -> None:
    page = written(
        "x", "en", "# {{ site.name }}\n\nSee [{{site.name}}]({{ site.url }}/oai), `{{ contact }}`, {{ y }}.", VALUES
    )
    assert page.title == "Rain & <Sons>"
    assert '<a href="https://x.org/oai">Rain &amp; &lt;Sons&gt;</a>, <code>a@x.org</code>, {{ y }}.' in page.html
    assert page.summary == "See Rain & <Sons>, a@x.org, {{ y }}."


def test_a_text_page_runs_nothing(database: Database, tmp_path: Path) -> None:
    parts = (
        f"# {payload}\n\n{payload}\n\n[a](<javascript:alert(1)//{payload}>) ![b](<https://x.org/{payload}>)\n\n"
        f"```{payload}\n{payload}\n```\n"
        for payload in PAYLOADS
    )
    write(tmp_path, "en", "hostile", "\n".join(parts))
    served = built(database, tmp_path, [])
    assert len(check(served["about/hostile/index.html"]).xpath("//article/h1")) == len(PAYLOADS)
    check(served["index.html"])


def test_running_services_show_a_changed_text(
    instance_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(theme, "_LOOK_SECONDS", 0.0)
    running = copy_instance(instance_template, tmp_path / "instance")
    client = build_app(running).test_client()
    assert client.get("/about/visits").status_code == 404
    write(running.settings.home, "en", "visits", "# Visits\n\nCome at noon.\n")
    assert "Come at noon." in client.get("/about/visits").text
    assert ">Visits</a>" in client.get("/search").text
    (running.settings.home / "pages/en/visits.md").write_bytes(b"# \xff")
    assert "Come at noon." in client.get("/about/visits").text, "what can't be read changes nothing"
    running.close()


def test_a_file_that_is_no_text_stops_no_reader_that_runs(database: Database, tmp_path: Path) -> None:
    projection = SiteProjection(settings_in(tmp_path), database)
    before = projection.rules()
    write(tmp_path, "en", "policies", "")
    (tmp_path / "pages/en/policies.md").write_bytes(b"# \xff")
    assert projection.rules() == before
    with pytest.raises(WrongSetting, match=r"policies\.md is no text in UTF-8"):
        SiteProjection(settings_in(tmp_path), database)


def test_only_pages_that_there_are_answer(client: FlaskClient, instance: Instance) -> None:
    assert client.get("/about/policies").status_code == 200
    for name in ("about", "nothing", "..%2fabout", "policies.md"):
        assert client.get(f"/about/{name}").status_code == 404, name
