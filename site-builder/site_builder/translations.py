"""Words in other languages than English, from gettext catalogues: those that are shipped, and those of an instance.

A message's context is the name of a field of `Texts` (`newest`), or a name and a key (`sorts.newest`); its id is the
English text. The context alone tells which word it is: what an operator says stays when the English text changes.
Specified by: GNU gettext, The Format of PO Files.
"""

import gettext
import io
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from functools import cache, lru_cache
from pathlib import Path
from string import Formatter
from typing import Any

import structlog
from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.messages.catalog import Catalog
from babel.messages.plurals import get_plural
from babel.messages.pofile import PoFileError, read_po, write_po

from repository.errors import WrongSetting
from repository.settings import Settings
from site_builder.texts import ENGLISH, Texts, locale

log = structlog.get_logger("site")

SHIPPED = Path(__file__).parent / "languages"
_NO_WORDS = ("language", "plural", "territory", "base")
_TAKEN = ("api", "doi", "oai")
"""What could be the code of a language, but is where other addresses begin."""
Said = str | tuple[str, ...]
"""A text, or the forms of a plural."""


def languages_of(settings: Settings) -> tuple[Texts, ...]:
    """The words of `site.languages`, in that order. Raises WrongSetting for a language that has none, and for a
    catalogue that can't be used, with the line."""
    first, *further = settings.site_languages
    taken = next((language for language in further if language in _TAKEN), "")
    if taken:
        raise WrongSetting(f"{taken} must be the first of site.languages: there are other things below /{taken}.")
    others = (_at(f"/{language}", _texts(language, _own(settings, language))) for language in further)
    return _texts(first, _own(settings, first)), *others


@lru_cache(maxsize=64)
def _at(base: str, texts: Texts) -> Texts:
    """The same object each time: the templates of a language are compiled once."""
    return replace(texts, base=base)


def own_catalogues(settings: Settings) -> list[bytes]:
    """The files of the instance itself that are in use, as they are."""
    paths = (_own(settings, language) for language in settings.site_languages)
    return [path.read_bytes() for path in paths if path.exists()]


def for_translators(settings: Settings, language: str) -> bytes:
    """A catalogue with all words, as far as they are said in the language already. Raises WrongSetting."""
    plural = _plural(language)
    said = {**_read(SHIPPED / f"{language}.po", language), **_read(_own(settings, language), language)}
    made = Catalog(locale=str(locale(language)))
    for context, english in words_of(ENGLISH).items():
        nothing: Said = "" if isinstance(english, str) else ("",) * plural.num_plurals
        made.add(english, said.get(context, nothing), context=context)
    stream = io.BytesIO(_HEADER.format(language=language, plural=plural.plural_forms).encode())
    stream.seek(0, io.SEEK_END)
    write_po(stream, made, width=0, omit_header=True)
    return stream.getvalue()


_HEADER = """\
# Words of the pages of Colophon. The context names the word; {{}} stands for what is put in.
msgid ""
msgstr ""
"Language: {language}\\n"
"Plural-Forms: {plural}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


def words_of(texts: Texts) -> dict[str, Said]:
    """By context, in the order of the fields."""
    return dict(_words(texts))


def _words(texts: Texts) -> Iterator[tuple[str, Said]]:
    for field in fields(Texts):
        value = getattr(texts, field.name)
        if isinstance(value, dict):
            yield from ((f"{field.name}.{key}", said) for key, said in value.items())
        elif field.name not in _NO_WORDS:
            yield field.name, value


def _own(settings: Settings, language: str) -> Path:
    return settings.home / "languages" / f"{language}.po"


def _texts(language: str, own: Path) -> Texts:
    said = _read(own, language)
    shipped = ENGLISH if language == ENGLISH.language else _shipped(language)
    if shipped is None and not said:
        known = ", ".join(sorted([ENGLISH.language, *(path.stem for path in SHIPPED.glob("*.po"))]))
        raise WrongSetting(
            f"site.languages names {language}, of which there are no words. There are: {known}. Words of others are "
            f"read from {own}; `colophon site words {language}` prints what has to be translated."
        )
    return _with(shipped or _without_words(language), said) if said else shipped or ENGLISH


@cache
def _shipped(language: str) -> Texts | None:
    said = _read(SHIPPED / f"{language}.po", language)
    return _with(_without_words(language), said) if said else None


def _without_words(language: str) -> Texts:
    """English words, with as many forms as the language has."""
    plural = _plural(language)
    more = plural.num_plurals - 1
    english = {
        context: (said[0], *said[1:] * more) if more else said[1:]
        for context, said in words_of(ENGLISH).items()
        if isinstance(said, tuple)
    }
    texts = replace(ENGLISH, language=language, plural=gettext.c2py(plural.plural_expr), territory=_territory(language))
    return _with(texts, english)


def _territory(language: str) -> str:
    """Specified by: CLDR, likely subtags, through Babel."""
    known = locale(language)
    likely = Locale.parse(get_global("likely_subtags").get(str(known), str(known)))
    return f"{known.language}_{known.territory or likely.territory}"


def _with(texts: Texts, said: Mapping[str, Said]) -> Texts:
    """The texts with these words in place of their own."""
    changed: dict[str, Any] = {}
    for field in fields(Texts):
        value = getattr(texts, field.name)
        if isinstance(value, dict):
            changed[field.name] = {key: said.get(f"{field.name}.{key}", word) for key, word in value.items()}
        elif field.name in said:
            changed[field.name] = said[field.name]
    return replace(texts, **changed)


def _plural(language: str) -> Any:
    """Babel's rule of plurals. Raises WrongSetting."""
    try:
        return get_plural(str(locale(language)))
    except (ValueError, UnknownLocaleError) as error:
        raise WrongSetting(f"{language} is no language that CLDR knows; write it as cs or pt-BR.") from error


def _read(path: Path, language: str) -> dict[str, Said]:
    """What a catalogue says, checked; nothing where there is none. Raises WrongSetting."""
    forms = _plural(language).num_plurals
    if not path.exists():
        return {}
    try:
        with path.open("rb") as lines:
            messages = list(read_po(lines, locale=str(locale(language)), abort_invalid=True))
    except PoFileError as error:
        raise WrongSetting(f"{path}, line {error.lineno + 1}: {error}.") from error
    except ValueError as error:  # not UTF-8, or a number that is none
        raise WrongSetting(f"{path} is no gettext catalogue: {error}.") from error
    english, found = words_of(ENGLISH), dict[str, Said]()
    for message in messages:
        said = tuple(message.string) if isinstance(message.string, list | tuple) else message.string or ""
        if not message.id or message.fuzzy or not any(said):
            continue
        if message.context not in english:
            log.warning("a word that no page has", path=str(path), line=message.lineno, context=message.context)
            continue
        wrong = _wrong(said, english[message.context], forms)
        if wrong:
            raise WrongSetting(f"{path}, line {message.lineno}: {message.context} {wrong}.")
        found[message.context] = said
    return found


def _wrong(said: Said, english: Said, forms: int) -> str:
    """Why this can't take the place of the English text; empty if it can."""
    if isinstance(english, str):
        if not isinstance(said, str):
            return "has no plural"
        fits = _fits(said, english)
    elif isinstance(said, str) or len(said) != forms or not all(said):
        return f"needs {forms} forms, msgstr[0] to msgstr[{forms - 1}]"
    else:
        fits = all(_fits(form, english[1]) for form in said)
    return "" if fits else f"must have as many {{}} as the English text has, and no other braces: {english!r}"


def _fits(said: str, english: str) -> bool:
    """Whether as much can be put in. A language with another order writes `{0}` and `{1}`."""
    places = english.count("{}")
    if not places:
        return True
    try:
        names = [name for _text, name, _spec, _conversion in Formatter().parse(said) if name is not None]
    except ValueError:
        return False
    return names == [""] * places or sorted(names) == [str(number) for number in range(places)]
