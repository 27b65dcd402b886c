"""The words of the pages, by language. A language is one `Texts`; templates and views take all words from it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from babel import Locale
from babel.numbers import format_decimal, get_decimal_symbol, get_group_symbol
from babel.units import format_unit

from repository.api import localised
from repository.api.ui import ACCESS
from repository.ld.sparql_examples import EXAMPLES

_NAME, _MEANING = 0, 1


def _english_form(number: int) -> int:
    return int(number != 1)


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """All words of one language; the defaults are the English ones. `{}` stands for what is put in.

    A tuple has the forms of a plural. `translations` reads other languages.
    """

    language: str = "en"
    """As HTML writes it: `cs`, `pt-BR`."""
    plural: Callable[[int], int] = _english_form
    """The place of the form that goes with a number."""
    territory: str = "en_US"
    """The language with the country that it is most spoken in, as Open Graph writes it."""
    base: str = ""
    """Where the addresses of its pages begin: nothing for the default language, else `/cs`."""
    language_name: str = "English"
    """What the language calls itself."""
    # frame
    skip: str = "Skip to content"
    home: str = "Home"
    browse: str = "Browse"
    search: str = "Search"
    deposit: str = "Deposit"
    about: str = "About"
    text_pages: str = "About this repository"
    sign_in: str = "Sign in"
    sign_out: str = "Sign out"
    signed_in_as: str = "Signed in as {}"
    for_machines: str = "For machines"
    search_label: str = "Search the repository"
    format: str = "Format"
    media_type: str = "Media type"
    search_hint: str = "Words, names, a DOI, or title:rain"
    # home
    lead: str = "Research data, software and publications: described, citable, and kept."
    newest: str = "Newest"
    contents: str = "What is here"
    browse_by_date: str = "Browse by date of publication"
    all_dates: str = "All years"
    nothing_yet: str = "Nothing has been published here yet."
    # lists
    records: tuple[str, ...] = ("{} record", "{} records")
    no_month: str = "Month not given"
    no_day: str = "Day not given"
    ids_from: str = "Identifiers that begin with {}"
    months: str = "Months"
    days: str = "Days"
    and_others: str = "and {} more"
    access: dict[str, str] = field(default_factory=lambda: {key: said[_NAME] for key, said in ACCESS["en"].items()})
    access_meant: dict[str, str] = field(
        default_factory=lambda: {key: said[_MEANING] for key, said in ACCESS["en"].items()}
    )
    version: str = "Version {}"
    untitled: str = "Untitled"
    axes: dict[str, str] = field(
        default_factory=lambda: {
            "types": "Resource types",
            "subjects": "Subjects",
            "licences": "Licences",
            "languages": "Languages",
            "creators": "Creators",
            "affiliations": "Affiliations",
        }
    )
    browse_by: str = "Browse by"
    concept: str = "Concept"
    records_of_concept: str = "Records with this"
    communities: str = "Communities"
    no_communities: str = "There are no communities here yet."
    browse_all: str = "Browse all records"
    # landing page: top
    published: str = "Published"
    newer_version: str = "There is a newer version of this record."
    to_newest: str = "Go to the newest version"
    preview_notice: str = "This is a preview of a draft. It is not published, and only you can see it."
    closed_notice: str = "This record is restricted. You see it because you are signed in."
    embargoed_record: str = "This record will become public on {}. You see it because you are signed in."
    files_restricted: str = "The files of this record are restricted."
    files_embargoed: str = "The files of this record are under an embargo and will become public on {}."
    files_open_to_you: str = "You can see them because you are signed in."
    reason: str = "Reason: {}"
    creators: str = "Creators"
    contributors: str = "Contributors"
    affiliations: str = "Affiliations"
    show_people: str = "Show all {}"
    # landing page: body
    description: str = "Description"
    files: str = "Files"
    file: str = "File"
    size: str = "Size"
    octets: tuple[str, ...] = ("{} byte", "{} bytes")
    checksum: str = "Checksum"
    checksums: str = "Checksums"
    download: str = "Download"
    download_all: str = "Download all"
    download_file: str = "Download {}"
    show_files: str = "Show {} more files"
    files_total: tuple[str, ...] = ("{} file, {}", "{} files, {}")
    too_many_files: str = "There are too many to be listed here: see the full list of files, or download all at once."
    file_list: str = "Full list of files (JSON)"
    no_files: str = "This record has a description only, no files."
    open: str = "Open"
    open_file: str = "Open {}"
    preview_of: str = "Preview of {}"
    preview_rows: tuple[str, ...] = ("{} row", "{} rows")
    preview_first_rows: str = "The first {} of many rows"
    preview_some_rows: str = "The first {} of {} rows"
    preview_columns: str = "(the first {} of {} columns)"
    preview_entries: tuple[str, ...] = ("{} file, {} unpacked", "{} files, {} unpacked")
    preview_first_entries: str = "The first {} of {}"
    preview_beginning: str = "Only the beginning is shown."
    file_kinds: dict[str, str] = field(
        default_factory=lambda: {
            "pdf": "PDF document",
            "text": "Text document",
            "sheet": "Spreadsheet",
            "slides": "Slides",
            "archive": "Archive",
            "data": "Data file",
            "database": "Database",
            "table": "Table",
            "notebook": "Notebook",
            "web": "Web page",
            "image": "Image",
            "audio": "Sound",
            "video": "Video",
            "plain": "Text",
            "file": "File",
        }
    )
    other_titles: str = "Other titles"
    identifiers: str = "Identifiers"
    related: str = "Related works"
    funding: str = "Funding"
    award: str = "Award {}"
    dates: str = "Dates"
    references: str = "References"
    show_references: str = "Show all {} references"
    further: str = "Further information"
    # landing page: side
    versions: str = "Versions"
    this_version: str = "this version"
    withdrawn: str = "withdrawn"
    all_versions_doi: str = "All versions, always the newest"
    details: str = "Details"
    doi: str = "DOI"
    resource_type: str = "Resource type"
    publisher: str = "Publisher"
    published_in: str = "Published in"
    languages: str = "Languages"
    sizes: str = "Extent"
    formats: str = "Formats"
    subjects: str = "Subjects"
    rights: str = "Rights"
    licences: str = "Licence"
    copyright: str = "Copyright"
    citation: str = "Cite as"
    other_styles: str = "In other styles"
    export: str = "Export"
    more_formats: str = "More formats"
    places: str = "Places"
    place: str = "Place"
    map: str = "Map"
    map_of: str = "Map of {}"
    north: str = "{}° N"
    south: str = "{}° S"
    east: str = "{}° E"
    west: str = "{}° W"
    technical: str = "Technical metadata"
    record_id: str = "Record identifier"
    oai_id: str = "OAI identifier"
    created: str = "Deposited"
    updated: str = "Last changed"
    # tombstone and errors
    gone: str = "This record was withdrawn"
    erased: str = "This record was erased"
    gone_explained: str = (
        "Its content is no longer available. This page stays so that references to it still lead here."
    )
    removal_reason: str = "Reason"
    removal_date: str = "Withdrawn on"
    other_versions: str = "Other versions"
    gone_status: str = "Withdrawn"
    to_home: str = "To the home page"
    not_found: str = "Page not found"
    not_found_explained: str = (
        "There is nothing at this address that you may see. It may be mistyped, or the record may be restricted."
    )
    sign_in_to_see: str = "Sign in if you have been given access"
    forbidden: str = "You may not see this"
    not_acceptable: str = "Not available in this format"
    failed: str = "Something went wrong"
    wrong_request: str = "This request can't be answered"
    # vocabularies
    vocabulary: str = "Vocabulary"
    vocabularies: str = "Vocabularies"
    terms: tuple[str, ...] = ("{} term", "{} terms")
    vocabulary_names: dict[str, str] = field(
        default_factory=lambda: {
            "code:developmentStatus": "Development status",
            "code:programmingLanguages": "Programming languages",
            "communitytypes": "Types of communities",
            "contributorsroles": "Roles of contributors",
            "creatorsroles": "Roles of creators",
            "datetypes": "Types of dates",
            "descriptiontypes": "Types of descriptions",
            "languages": "Languages",
            "licenses": "Licences",
            "relationtypes": "Relations between works",
            "removalreasons": "Reasons for removal",
            "resourcetypes": "Resource types",
            "subjects": "Subjects",
            "titletypes": "Types of titles",
        }
    )
    term_id: str = "Identifier"
    term_label: str = "Label ({})"
    broader: str = "Broader term"
    elsewhere: str = "Elsewhere"
    # search
    results: tuple[str, ...] = ("{} result", "{} results")
    no_results: str = "Nothing was found. Use fewer or other words, or remove a filter."
    search_away: str = "The search does not answer at the moment. Try again in a few seconds."
    page_of: str = "Page {} of {}"
    previous: str = "Previous"
    next: str = "Next"
    sort_by: str = "Sort by"
    did_you_mean: str = "Did you mean:"
    ranked_end: str = "The best 10,000 results end here."
    by_newest: str = "See all, the newest first"
    with_older: str = "Include older versions"
    without_older: str = "Only the newest versions"
    remove_filter: str = "Remove the filter {}"
    filters: str = "Filters"
    show_filters: str = "Show {} more"
    # queries
    query: str = "Query"
    query_title: str = "Queries in SPARQL"
    query_lead: str = (
        "The descriptions of all public records can be asked here in SPARQL 1.1. Each record is a named graph, which "
        "is named by its page; without GRAPH a query asks all of them together."
    )
    query_label: str = "Query in SPARQL 1.1"
    query_run: str = "Run"
    query_examples: str = "Examples"
    query_asked: dict[str, str] = field(
        default_factory=lambda: {str(number): example.title for number, example in enumerate(EXAMPLES, 1)}
    )
    query_prefixes: str = "Prefixes of what is used here"
    query_rows: tuple[str, ...] = ("{} row", "{} rows")
    query_answer: str = "Answer"
    query_taken: str = "{} seconds"
    query_rows_shown: str = "Only the first {} rows are shown. A download has all of them."
    query_part_shown: str = "Only the beginning is shown. A download has everything."
    query_nothing: str = "Nothing was found: the query is right, but no description fits it."
    query_no_triples: str = "# There is nothing."
    query_not_understood: str = "Not understood at line {}, column {}:"
    query_machines: str = (
        "Programs send the query as the parameter query of a GET or POST request to {}/sparql, or as the body of a "
        "POST of the type application/sparql-query. With Accept they choose JSON, XML, CSV or TSV for rows, and "
        "Turtle, N-Triples, RDF/XML or JSON-LD for triples; the parameter format does the same for links."
    )
    query_limits: str = "Nothing can be changed here, and a query that takes too long or too much memory is stopped."
    query_formats: dict[str, str] = field(
        default_factory=lambda: {
            "json": "JSON",
            "xml": "XML",
            "csv": "CSV",
            "tsv": "TSV",
            "turtle": "Turtle",
            "n-triples": "N-Triples",
            "rdf-xml": "RDF/XML",
            "json-ld": "JSON-LD",
        }
    )
    query_hints: dict[str, str] = field(
        default_factory=lambda: {
            "update": "Nothing can be changed here. Begin with SELECT, ASK, CONSTRUCT or DESCRIBE.",
            "form": "After its prefixes a query begins with SELECT, ASK, CONSTRUCT or DESCRIBE.",
            "prefix": "This prefix is not declared. Put a line before the query that declares it:",
            "group": "With GROUP BY, COUNT and the like, every other variable of SELECT must stand in GROUP BY.",
            "iri": "This is no IRI: it must be absolute and have no spaces.",
            "open": "A bracket { is not closed.",
            "pattern": (
                "Just before this place something is missing or too much. A pattern is a subject, a property and a "
                "value, and ends with a full stop."
            ),
            "less": "Ask for less: name a type or a property, let patterns share variables, add LIMIT.",
            "service": "Leave it out: only what is here can be asked.",
        }
    )
    # signing in
    email: str = "E-mail address"
    password: str = "Password"  # noqa: S105 — the word
    no_cookie: str = "Your browser did not send the cookie of this form. Allow cookies for this site and try again."
    wrong_password: str = "Unknown e-mail address or wrong password."  # noqa: S105 — what is said of one
    signed_out_question: str = "Do you want to sign out?"
    # depositing
    deposit_lead: str = (
        "Deposits are made through the REST API, which is compatible with InvenioRDM: its client libraries and scripts "
        "work here. A form in the browser is being built."
    )
    deposit_access: str = "You need an access token. Ask {} for an account and a token, and keep the token secret."
    deposit_describe: str = "1. Describe"
    deposit_described: str = "The answer names the draft's id, and in errors whatever is still missing."
    deposit_files: str = "2. Send files"
    deposit_publish: str = "3. Look at it, and publish"
    deposit_preview: str = "While you are signed in, {} shows the draft as the page that it will be."
    sorts: dict[str, str] = field(
        default_factory=lambda: {
            "bestmatch": "Best match",
            "newest": "Newest",
            "oldest": "Oldest",
            "updated-desc": "Last changed",
            "updated-asc": "Longest unchanged",
            "version": "Version",
        }
    )
    facets: dict[str, str] = field(
        default_factory=lambda: {
            "resource_type": "Type",
            "access_status": "Access",
            "publication_date": "Year",
            "file_type": "File type",
            "subject": "Subject",
            "language": "Language",
            "license": "Licence",
            "publisher": "Publisher",
            "affiliation": "Affiliation",
            "funder": "Funder",
        }
    )
    bundle_parts: dict[str, str] = field(
        default_factory=lambda: {
            "title": "Title",
            "issue": "Issue",
            "volume": "Volume",
            "pages": "Pages",
            "issn": "ISSN",
            "isbn": "ISBN",
            "place": "Place",
            "edition": "Edition",
            "university": "University",
            "department": "Department",
            "type": "Type",
            "date_submitted": "Submitted",
            "date_defended": "Defended",
            "acronym": "Acronym",
            "dates": "Dates",
            "session": "Session",
            "session_part": "Part of session",
            "url": "Website",
            "identifiers": "Identifiers",
        }
    )
    yes: str = "Yes"
    no: str = "No"


ENGLISH = Texts()


def counted(texts: Texts, forms: tuple[str, ...], number: int, *more: str) -> str:
    """`1 file`, `12,345 files`: the form that goes with the number, with it and more put in."""
    return forms[texts.plural(number)].format(number_text(number, texts.language), *more)


def locale(language: str) -> Locale:
    """Raises ValueError or babel.UnknownLocaleError where CLDR knows nothing of the language."""
    return Locale.parse(language, sep="-")


@lru_cache(maxsize=16_384)
def date_text(date: str, language: str) -> str:
    """An EDTF date as people write it, `14 February 2022`."""
    return localised.edtf(date, str(locale(language)), "long")


def day_text(moment: str, language: str) -> str:
    """The day of a time."""
    return date_text(moment[:10], language)


@lru_cache(maxsize=64)
def _marks(language: str) -> tuple[str, str, bool]:
    """What stands between thousands and before decimals, and whether digits are grouped by three.

    Specified by: CLDR, through Babel, which takes 10 µs to write a number.
    """
    known = locale(language)
    return get_group_symbol(known), get_decimal_symbol(known), known.decimal_formats[None].grouping == (3, 3)


def number_text(number: int, language: str) -> str:
    """`12,345`"""
    thousands, _decimals, by_three = _marks(language)
    return f"{number:,}".replace(",", thousands) if by_three else format_decimal(number, locale=locale(language))


def decimal_text(number: str, language: str) -> str:
    """`1,2` for `1.2`, of numbers below a thousand."""
    return number.replace(".", _marks(language)[1])


_UNITS = ("byte", "kilobyte", "megabyte", "gigabyte", "terabyte", "petabyte")


@lru_cache(maxsize=256)
def _unit(name: str, language: str) -> str:
    """`{} kB`"""
    return format_unit("{}", f"digital-{name}", length="short", locale=locale(language))


def size_text(octets: int, texts: Texts) -> str:
    """`512 bytes`, `1.2 MB`, in powers of ten."""
    size, unit = float(octets), 0
    while size >= 999.5 and unit < len(_UNITS) - 1:
        size, unit = size / 1000, unit + 1
    if unit == 0:
        return counted(texts, texts.octets, octets)
    number = f"{size:.1f}" if size < 99.95 else f"{size:.0f}"
    return _unit(_UNITS[unit], texts.language).format(decimal_text(number, texts.language))
