"""Settings are typed and checked; a wrong one names itself, its source, and what is allowed."""

from pathlib import Path

import pytest

from repository.errors import WrongSetting
from repository.settings import FILE_NAME, SETTINGS, create_secret, load
from repository.settings.colours import DARK, LIGHT, contrast


def test_an_empty_instance_has_everything_in_its_folder(tmp_path: Path) -> None:
    settings = load(tmp_path, {})
    assert settings.database == f"sqlite:///{tmp_path}/colophon.sqlite"
    assert settings.site_output == tmp_path / "static-build"
    assert settings.site_url == "http://127.0.0.1:5000"
    assert settings.oai_domain == "127.0.0.1"


def test_environment_beats_file_and_the_command_beats_both(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text('[site]\nname = "File"\n[oai]\npage_size = 50\n[serve]\nport = 6000\n')
    environment = {"COLOPHON_SITE_NAME": "Environment", "COLOPHON_OAI_PAGE_SIZE": "60"}
    settings = load(tmp_path, environment, {"site.name": "Command"})
    assert (settings.site_name, settings.oai_page_size, settings.serve_port) == ("Command", 60, 6000)
    assert settings.site_url == "http://127.0.0.1:6000"


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("site.url", "ftp://x", "http:// or https://"),
        ("serve.port", "0", "from 1 to 65535"),
        ("oai.page_size", "many", "a whole number"),
        ("database", "mysql://x", "sqlite:// or postgresql+psycopg://"),
        ("doi.prefix", "11.5", "a DOI prefix"),
        ("secret", "short", "at least 32 characters"),
        ("sparql.timeout", "-1", "above 0"),
        ("files.redirect", "perhaps", "true or false"),
        ("objects", "ftp://x", "file:// or s3://"),
        ("site.languages", "German", "a list of codes of languages"),
        ("site.languages", "en,cs,en", "each once"),
        ("oai.domain", "a b", "a domain name"),
        ("oai.admin_email", "nobody", "an e-mail address"),
        ("site.accent", "blue", "a colour such as #1f4b73"),
        ("site.accent", "#88bbdd", "its contrast to #f4f6f8 is 1.90, that of #2f76a5 would do"),
        ("site.accent_dark", "#1f4b73", "its contrast to #1d2127 is 1.78, that of #448ccd would do"),
        ("site.logo", "logo.jpg", "the name of an SVG or PNG file"),
        ("security.contact", "nobody", "an e-mail address or a URL"),
        ("security.expires", "next year", "a day such as 2027-12-31"),
    ],
)
def test_a_wrong_value_says_what_where_and_what_is_allowed(tmp_path: Path, name: str, value: str, allowed: str) -> None:
    variable = "COLOPHON_" + name.upper().replace(".", "_")
    with pytest.raises(WrongSetting) as wrong:
        load(tmp_path, {variable: value})
    for part in (name, variable, repr(value), allowed):
        assert part in wrong.value.message


def test_an_unknown_setting_in_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text('[site]\nnmae = "x"\n')
    with pytest.raises(WrongSetting, match=r"site\.nmae"):
        load(tmp_path, {})


def test_a_file_that_is_no_toml_is_refused_with_its_place(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text("[site]\nname = x\n")
    with pytest.raises(WrongSetting, match="line 2"):
        load(tmp_path, {})


def test_the_secret_is_made_once_and_is_nobody_elses_to_read(tmp_path: Path) -> None:
    create_secret(tmp_path)
    first = load(tmp_path, {}).secret
    create_secret(tmp_path)
    assert load(tmp_path, {}).secret == first
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600


def test_every_setting_says_what_it_means() -> None:
    assert all(setting.meaning for setting in SETTINGS)
    assert len({setting.name for setting in SETTINGS}) == len(SETTINGS)


def test_the_accent_of_the_dark_theme_is_made_from_that_of_the_light_one(tmp_path: Path) -> None:
    settings = load(tmp_path, {"COLOPHON_SITE_ACCENT": "#00573F"})
    assert settings.site_accent == "#00573f"
    assert all(contrast(settings.site_accent, background) >= 4.5 for background in LIGHT)
    assert all(contrast(settings.site_accent_dark, background) >= 7 for background in DARK)
    assert load(tmp_path, {"COLOPHON_SITE_ACCENT_DARK": "#fc0"}).site_accent_dark == "#ffcc00"


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == contrast("#ffffff", "#000000") == 21
    assert round(contrast("#777777", "#ffffff"), 2) == 4.48, "the grey that is just too light"
    assert round(contrast("#767676", "#ffffff"), 2) == 4.54


def test_a_day_may_be_a_date_of_the_file(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text('[security]\ncontact = "safe@example.org"\nexpires = 2027-12-31\n')
    settings = load(tmp_path, {})
    assert (settings.security_contact, settings.security_expires) == ("mailto:safe@example.org", "2027-12-31")
