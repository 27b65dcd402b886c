"""What an operator says about the pages is on them: colours, logo, description, footer, whom to tell of weaknesses."""

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from snapshots import full, minimal

from repository.cli.serve import build_app
from repository.errors import WrongSetting
from repository.services.instance import Instance
from repository.settings.colours import DARK, LIGHT, contrast
from repository.storage.database import Database
from site_builder.assets import FOLDER
from site_builder.projection import SiteProjection
from tests.instances import copy_instance
from tests.site.site_output import built, changes, parsed, rebuilt, settings_in, text_of, tree

LOGO = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 60"><path d="M0 0h300v60H0z"/></svg>'
COLOUR = re.compile(r"--([a-z-]+): light-dark\((#\w{6}), (#\w{6})\)")
OF_WORDS = ("ink", "soft", "accent", "open", "embargoed", "restricted", "metadata-only")


def colours() -> dict[str, tuple[str, str]]:
    """Of the style sheet, for the light and the dark theme."""
    found = {name: (light, dark) for name, light, dark in COLOUR.findall((FOLDER / "site.css").read_text())}
    assert len(found) > 10
    return found


@pytest.mark.parametrize("name", OF_WORDS)
def test_words_can_be_read_in_both_themes(name: str) -> None:
    light, dark = colours()[name]
    assert min(contrast(light, background) for background in LIGHT) >= 4.5
    assert min(contrast(dark, background) for background in DARK) >= 4.5


def test_words_that_were_found_and_edges_of_fields_can_be_seen() -> None:
    found, ink, edge = (colours()[name] for name in ("found", "ink", "edge"))
    for theme, background in enumerate((LIGHT[0], DARK[0])):
        assert contrast(found[theme], ink[theme]) >= 4.5
        assert contrast(edge[theme], background) >= 3, "WCAG 2.2, 1.4.11"


def test_colours_are_checked_against_the_backgrounds_of_the_style_sheet(tmp_path: Path) -> None:
    found, settings = colours(), settings_in(tmp_path)
    assert (found["paper"], found["wash"]) == ((LIGHT[0], DARK[0]), (LIGHT[1], DARK[1]))
    assert found["accent"] == (settings.site_accent, settings.site_accent_dark)


def test_pages_have_the_colour_logo_and_words_of_the_instance(database: Database, tmp_path: Path) -> None:
    (tmp_path / "logo.svg").write_bytes(LOGO)
    (tmp_path / "foot.md").write_text("**Harbour Institute**, [Quay 1](https://example.org/) <script>alert(1)</script>")
    said = {"logo": "logo.svg", "footer": "foot.md", "accent": "#00573f", "description": "All of the < rain."}
    served = built(database, tmp_path, [full()], **{f"site.{name}": value for name, value in said.items()})
    home = parsed(served["index.html"])
    (sheet,) = home.xpath("//link[@rel='stylesheet']/@href")
    assert b"--accent: light-dark(#00573f, #" in served[sheet[1:]].splitlines()[-1]
    for relation in ("icon", "apple-touch-icon"):
        (address,) = home.xpath(f"//link[@rel='{relation}']/@href")
        assert b"#00573f" in served[address[1:]] or bytes.fromhex("00573f") in served[address[1:]]
    assert bytes.fromhex("00573f") in served["favicon.ico"]
    (logo,) = home.xpath("//a[@class='brand']/img")
    assert (logo.get("width"), logo.get("height"), logo.get("alt")) == ("200", "40", "")
    assert served[logo.get("src")[1:]] == LOGO
    assert text_of(home.find_class("lead")[0]) == "All of the < rain."
    assert home.xpath("//meta[@name='description']/@content") == ["All of the < rain."]
    (landing,) = (parsed(data) for path, data in served.items() if re.fullmatch(r"records/[^/]+/index.html", path))
    for page in (home, landing, parsed(served["404.html"])):
        (footer,) = page.find_class("site-footer")
        assert footer.xpath(".//strong/text()") == ["Harbour Institute"]
        assert footer.xpath(".//a[@href='https://example.org/']")
        assert not [script for script in page.iter("script") if script.get("type") != "application/ld+json"]


def test_drawings_of_the_style_sheet_are_served(database: Database, tmp_path: Path) -> None:
    served = built(database, tmp_path, [minimal()])
    (sheet,) = (data.decode() for path, data in served.items() if path.endswith(".css"))
    for name in re.findall(r'url\("([^"]+)"\)', sheet):
        assert served[f"static/{name}"].startswith(b"<svg")
    assert "url(" in sheet


@pytest.mark.parametrize("name", ["logo", "footer"])
def test_a_file_that_is_not_there_is_named(tmp_path: Path, database: Database, name: str) -> None:
    value = {"logo": "logo.svg", "footer": "foot.md"}[name]
    with pytest.raises(WrongSetting, match=rf"site\.{name} names .*{value}"):
        SiteProjection(settings_in(tmp_path, **{f"site.{name}": value}), database)


def test_a_logo_without_a_size_is_refused(tmp_path: Path, database: Database) -> None:
    (tmp_path / "logo.svg").write_bytes(b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    with pytest.raises(WrongSetting, match="no width and height"):
        SiteProjection(settings_in(tmp_path, **{"site.logo": "logo.svg"}), database)


def test_a_changed_logo_starts_the_pass(tmp_path: Path, database: Database) -> None:
    (tmp_path / "logo.svg").write_bytes(LOGO)
    projection = SiteProjection(settings_in(tmp_path, **{"site.logo": "logo.svg"}), database)
    before = projection.rules()
    assert projection.rules() == before
    (tmp_path / "logo.svg").write_bytes(LOGO.replace(b"60", b"50"))
    assert projection.rules() != before


SECURITY = {"security.contact": "safe@example.org", "security.expires": "2027-12-31"}


def test_security_txt_says_whom_to_tell_and_until_when(database: Database, tmp_path: Path) -> None:
    """RFC 9116, 2.5: each field on its line; Contact and Expires must be there, Expires in the form of RFC 3339."""
    served = built(database, tmp_path, [], **SECURITY)
    fields = [line.split(": ", 1) for line in served[".well-known/security.txt"].decode().splitlines()]
    assert fields == [
        ["Contact", "mailto:safe@example.org"],
        ["Expires", "2027-12-31T00:00:00Z"],
        ["Preferred-Languages", "en"],
        ["Canonical", "https://repository.example.org/.well-known/security.txt"],
    ]


@pytest.mark.parametrize("name", SECURITY)
def test_security_txt_is_there_only_when_it_can_be_whole(database: Database, tmp_path: Path, name: str) -> None:
    assert ".well-known/security.txt" in rebuilt(database, tmp_path, changes([minimal()]), **SECURITY)
    projection = SiteProjection(settings_in(tmp_path, **{**SECURITY, name: ""}), database)
    with projection.leading():
        projection.activate("g1")
    assert ".well-known/security.txt" not in tree(tmp_path)


def test_security_txt_is_plain_text(instance_template: Path, tmp_path: Path) -> None:
    with_contact = copy_instance(
        instance_template,
        tmp_path / "with",
        security__contact="https://example.org/safe",
        security__expires="2027-12-31",
    )
    answer = build_app(with_contact).test_client().get("/.well-known/security.txt")
    assert (answer.status_code, answer.content_type) == (200, "text/plain; charset=utf-8")
    assert "Contact: https://example.org/safe\n" in answer.text
    with_contact.close()


def test_the_manifest_names_icons_that_there_are(client: FlaskClient) -> None:
    answer = client.get("/manifest.webmanifest")
    assert answer.mimetype == "application/manifest+json"
    said = answer.get_json()
    assert (said["name"], said["start_url"], said["theme_color"]) == ("Colophon", "/", "#1f4b73")
    for icon in said["icons"]:
        assert client.get(icon["src"]).mimetype == icon["type"]


def test_the_style_page_shows_both_themes_and_is_not_indexed(client: FlaskClient, instance: Instance) -> None:
    page = parsed(client.get("/styleguide").data)
    assert page.xpath("//meta[@name='robots']/@content") == ["noindex"]
    for theme in ("light", "dark"):
        (sample,) = page.xpath(f"//section[contains(@class, '{theme}')]")
        for component in ("badge", "notice", "cite", "entries", "files", "pager", "trail", "counts", "rows", "fields"):
            assert sample.find_class(component), component


def test_the_style_page_is_live_only(database: Database, tmp_path: Path) -> None:
    assert not [path for path in built(database, tmp_path, [minimal()]) if "styleguide" in path]
