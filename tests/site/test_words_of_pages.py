"""The words of pages in their languages: what is shipped is whole, and what an operator adds is taken or refused."""

from collections.abc import Callable
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from repository.api.ui import ACCESS
from repository.errors import WrongSetting
from repository.settings import Settings
from repository.storage.database import Database
from site_builder.projection import SiteProjection
from site_builder.texts import ENGLISH, Texts, counted, date_text, number_text, size_text
from site_builder.translations import SHIPPED, for_translators, languages_of, words_of
from tests.site.site_output import settings_in

Write = Callable[[str, str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def _write(language: str, messages: str) -> Path:
        path = tmp_path / "languages" / f"{language}.po"
        path.parent.mkdir(exist_ok=True)
        path.write_text(messages, encoding="utf-8")
        return path

    return _write


def with_languages(folder: Path, *languages: str) -> Settings:
    return settings_in(folder, **{"site.languages": languages})


def texts_of(folder: Path, language: str) -> Texts:
    return languages_of(with_languages(folder, language))[0]


@pytest.mark.parametrize("language", [path.stem for path in SHIPPED.glob("*.po")])
def test_a_shipped_catalogue_says_every_word(tmp_path: Path, language: str) -> None:
    """And is as `colophon site words` writes it: English texts, order and form included."""
    path = SHIPPED / f"{language}.po"
    with path.open("rb") as lines:
        messages = [message for message in read_po(lines, language, abort_invalid=True) if message.id]
    assert [message.context for message in messages] == list(words_of(ENGLISH))
    assert [message.context for message in messages if message.fuzzy or not all(message.string)] == []
    assert for_translators(with_languages(tmp_path, language), language) == path.read_bytes()


def test_numbers_choose_among_three_forms_in_czech(tmp_path: Path) -> None:
    czech = texts_of(tmp_path, "cs")
    said = [counted(czech, czech.records, number) for number in (0, 1, 2, 4, 5, 22, 12_345)]
    assert said == [
        "0 záznamů", "1 záznam", "2 záznamy", "4 záznamy", "5 záznamů", "22 záznamů", "12\u00a0345 záznamů",
    ]  # fmt: skip
    assert [counted(ENGLISH, ENGLISH.records, number) for number in (0, 1, 2)] == ["0 records", "1 record", "2 records"]


def test_sizes_and_dates_are_written_as_the_language_writes_them(tmp_path: Path) -> None:
    czech = texts_of(tmp_path, "cs")
    sizes = (1, 999, 1_000, 1_234_567, 99_960_000, 5 * 10**18)
    assert [size_text(size, ENGLISH) for size in sizes] == [
        "1 byte", "999 bytes", "1.0 kB", "1.2 MB", "100 MB", "5000 PB",
    ]  # fmt: skip
    assert [size_text(size, czech) for size in sizes[:4]] == ["1 bajt", "999 bajtů", "1,0 kB", "1,2 MB"]
    assert date_text("2022-02-14", "cs") == "14. února 2022"
    assert date_text("2022-02-14", "pt-BR") == "14 de fevereiro de 2022"


@pytest.mark.parametrize("language", ["en", "cs", "de", "fr", "hi", "pt-BR"])
def test_numbers_are_those_of_cldr(language: str) -> None:
    for number in (0, 999, 1_000, 1_234_567):
        assert number_text(number, language) == format_decimal(number, locale=language.replace("-", "_"))


def test_page_and_api_say_the_same_of_access(tmp_path: Path) -> None:
    for language in ACCESS:
        texts = texts_of(tmp_path, language)
        assert {key: (texts.access[key], texts.access_meant[key]) for key in texts.access} == ACCESS[language]


GERMAN = """
msgctxt "newest"
msgid "Newest"
msgstr "Neueste"

msgctxt "page_of"
msgid "Page {} of {}"
msgstr "Von {1} Seiten die {0}."

msgctxt "records"
msgid "{} record"
msgid_plural "{} records"
msgstr[0] "{} Datensatz"
msgstr[1] "{} Datensätze"

#, fuzzy
msgctxt "browse"
msgid "Browse"
msgstr "Grasen"
"""


def test_an_operator_adds_a_language_and_what_is_not_said_is_english(tmp_path: Path, write: Write) -> None:
    write("de", GERMAN)
    german = texts_of(tmp_path, "de")
    assert (german.language, german.newest, german.home, german.browse) == ("de", "Neueste", "Home", "Browse")
    assert german.page_of.format(2, 7) == "Von 7 Seiten die 2."
    assert [counted(german, german.records, number) for number in (1, 2_000)] == ["1 Datensatz", "2.000 Datensätze"]
    assert counted(german, german.terms, 3) == "3 terms"


@pytest.mark.parametrize(("language", "number", "said"), [("ar", 11, "11 records"), ("ja", 5, "5 records")])
def test_english_words_have_as_many_forms_as_the_language(
    tmp_path: Path, write: Write, language: str, number: int, said: str
) -> None:
    write(language, 'msgctxt "newest"\nmsgid "Newest"\nmsgstr "…"\n')
    texts = texts_of(tmp_path, language)
    assert counted(texts, texts.records, number) == said


def test_an_operator_changes_single_words_that_are_shipped(tmp_path: Path, write: Write) -> None:
    """Whatever the English text has become since."""
    write("cs", 'msgctxt "sorts.newest"\nmsgid "As it was once"\nmsgstr "Od nejnovějších"\n')
    write("en", 'msgctxt "lead"\nmsgid ""\n"Research"\nmsgstr "All about rain."\n')
    english, czech = languages_of(with_languages(tmp_path, "en", "cs"))
    assert (english.lead, english.newest) == ("All about rain.", "Newest")
    assert (czech.sorts["newest"], czech.sorts["oldest"]) == ("Od nejnovějších", "Nejstarší")
    assert texts_of(tmp_path / "elsewhere", "cs").sorts["newest"] == "Nejnovější"


@pytest.mark.parametrize(
    ("messages", "complaint"),
    [
        ('msgctxt "newest"\nmsgid "Newest"\nmsgstr "Nové"\nmsgxyz "?"\n', "line 4: Unknown or misformatted keyword"),
        ('\nmsgctxt "page_of"\nmsgid "Page {} of {}"\nmsgstr "Strana {}"\n', "line 3: page_of must have as many {}"),
        ('msgctxt "reason"\nmsgid "Reason: {}"\nmsgstr "Důvod: { }"\n', "line 2: reason must have as many {}"),
        ('msgctxt "reason"\nmsgid "Reason: {}"\nmsgstr "Důvod: {} {"\n', "line 2: reason must have as many {}"),
        ('msgctxt "records"\nmsgid "{} record"\nmsgstr "{} záznam"\n', "line 2: records needs 3 forms"),
        (
            'msgctxt "records"\nmsgid "{} record"\nmsgid_plural "{} records"\nmsgstr[0] "{} záznam"\n',
            "line 2: records needs 3 forms, msgstr[0] to msgstr[2]",
        ),
        ('msgctxt "home"\nmsgid "Home"\nmsgid_plural "Homes"\nmsgstr[0] "Domů"\n', "line 2: home has no plural"),
    ],
)
def test_a_catalogue_that_cannot_be_used_is_refused_with_its_line(
    tmp_path: Path, write: Write, messages: str, complaint: str
) -> None:
    path = write("cs", messages)
    with pytest.raises(WrongSetting) as refused:
        texts_of(tmp_path, "cs")
    assert refused.value.message.startswith(f"{path}, {complaint}")


def test_what_is_no_text_is_refused(tmp_path: Path, write: Write) -> None:
    path = write("cs", "")
    path.write_bytes(b'msgctxt "home"\nmsgid "Home"\nmsgstr "\xe8esky"\n')
    with pytest.raises(WrongSetting, match="is no gettext catalogue"):
        texts_of(tmp_path, "cs")


@pytest.mark.parametrize(("language", "complaint"), [("de", "no words"), ("xx", "no language that CLDR knows")])
def test_a_language_without_words_is_refused_with_what_there_is(tmp_path: Path, language: str, complaint: str) -> None:
    with pytest.raises(WrongSetting, match=complaint):
        texts_of(tmp_path, language)


def test_pages_are_made_anew_where_an_operator_changes_words(tmp_path: Path, write: Write, database: Database) -> None:
    settings = with_languages(tmp_path, "en", "cs")
    before = SiteProjection(settings, database).rules()
    write("de", GERMAN)
    assert SiteProjection(settings, database).rules() == before
    write("cs", 'msgctxt "newest"\nmsgid "Newest"\nmsgstr "Co je nového"\n')
    assert SiteProjection(settings, database).rules() != before
