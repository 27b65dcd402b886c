"""One record that has every field of the model, with the properties of the terms that it uses."""

from record_parts import ARTICLE_PROPS, DATASET_PROPS, Json, organisation, person, term

_LAB = {
    "id": "02ex6cf31",
    "name": "Brookhaven National Laboratory",
    "identifiers": [
        {"scheme": "ror", "identifier": "02ex6cf31"},
        {"scheme": "isni", "identifier": "0000 0001 2188 4229"},
    ],
}
FULL_METADATA: Json = {
    "resource_type": term("publication-article", "Journal article", "Článek v časopise"),
    "title": "Rain over the <i>harbour</i>: 1 < 2 & déšť",
    "additional_titles": [
        {"title": "A subtitle", "type": term("subtitle", "Subtitle", "Podtitul"), "lang": term("eng", "English")},
        {
            "title": "Déšť nad přístavem",
            "type": term("translated-title", "Translated title", "Přeložený název"),
            "lang": term("ces", "Czech", "čeština"),
        },
    ],
    "publication_date": "2020-01/2020-06",
    "creators": [
        person("Carberry", "Josiah", orcid="0000-0002-1825-0097", affiliations=[_LAB, {"name": "Dept. of Rain"}])
        | {"role": term("datacurator", "Data curator", "Kurátor dat")},
        organisation("Harbour Institute", ror="02ex6cf31"),
        person("نجيب", "محفوظ"),
    ],
    "contributors": [
        person("Berg", "Eva", orcid="0000-0001-5109-3700", role=term("contactperson", "Contact person")),
        organisation("Holders Ltd", role=term("rightsholder", "Rights holder")),
    ],
    "description": "<p>It <strong>rained</strong> &amp; rained.</p><ul><li>1 &lt; 2</li><li>more</li></ul>",
    "additional_descriptions": [
        {
            "description": "How it was <em>done</em>",
            "type": term("methods", "Methods", "Metody"),
            "lang": term("eng", "English"),
        },
        {"description": "1. Rain", "type": term("table-of-contents", "Table of contents")},
    ],
    "rights": [
        term(
            "cc-by-4.0",
            "Creative Commons Attribution 4.0 International",
            description={"en": "Credit must be given."},
            icon="cc-by-icon",
            props={"url": "https://creativecommons.org/licenses/by/4.0/", "scheme": "spdx"},
        ),
        {"title": {"en": "House licence"}, "description": {"en": "Ask first"}, "link": "https://example.org/licence"},
    ],
    "copyright": "Copyright 2020 Harbour Institute",
    "subjects": [
        {"id": "https://id.nlm.nih.gov/mesh/D011891", "subject": "Rain", "scheme": "MeSH"},
        {"subject": "harbour"},
        {"subject": "déšť"},
    ],
    "languages": [term("eng", "English", "angličtina"), term("ces", "Czech", "čeština")],
    "dates": [
        {"date": "2019/2020", "type": term("collected", "Collected"), "description": "field work"},
        {"date": "2020-02-28", "type": term("accepted", "Accepted")},
        {"date": "1990/2020", "type": term("coverage", "Coverage")},
    ],
    "version": "v1.0.2",
    "publisher": "Harbour Institute",
    "identifiers": [
        {"scheme": "url", "identifier": "https://example.org/item/1"},
        {"scheme": "arxiv", "identifier": "arXiv:2001.00001"},
    ],
    "related_identifiers": [
        {
            "identifier": "10.1234/foo.bar",
            "scheme": "doi",
            "relation_type": term("iscitedby", "Is cited by"),
            "resource_type": term("dataset", "Dataset"),
        },
        {
            "identifier": "https://example.org/related",
            "scheme": "url",
            "relation_type": term("isderivedfrom", "Is derived from"),
        },
        {"identifier": "Q42", "scheme": "wikidata", "relation_type": term("other", "Other")},
    ],
    "sizes": ["11 pages", "3 MB"],
    "formats": ["application/pdf"],
    "locations": {
        "features": [
            {
                "geometry": {"type": "Point", "coordinates": [12.57, 55.68]},
                "place": "Copenhagen",
                "identifiers": [{"scheme": "geonames", "identifier": "2618425"}],
                "description": "harbour",
            },
            {
                "geometry": {
                    "type": "Polygon",
                    "coordinates": [[[10.0, 54.0], [13.0, 54.0], [13.0, 56.5], [10.0, 56.5], [10.0, 54.0]]],
                }
            },
        ]
    },
    "funding": [
        {
            "funder": {"id": "05k73zm37", "name": "Academy of Finland"},
            "award": {
                "number": "755021",
                "title": {"en": "Rain project"},
                "identifiers": [{"scheme": "url", "identifier": "https://example.org/award"}],
            },
        },
        {"funder": {"name": "Private fund"}},
    ],
    "references": [
        {"reference": "Nielsen et al. 2001", "scheme": "doi", "identifier": "10.1234/nielsen"},
        {"reference": "Plain text reference"},
    ],
}
FULL_CUSTOM_FIELDS: Json = {
    "journal:journal": {"title": "J. Rain", "issue": "3", "volume": "12", "pages": "1-11", "issn": "1234-5679"},
    "imprint:imprint": {
        "title": "Book of rain",
        "isbn": "978-3-16-148410-0",
        "pages": "15-23",
        "place": "Copenhagen",
        "edition": "2",
    },
    "thesis:thesis": {
        "university": "University of Rain",
        "department": "Physics",
        "type": "PhD",
        "date_submitted": "2019-01",
        "date_defended": "2019-06-01",
    },
    "meeting:meeting": {
        "title": "Rain conference",
        "acronym": "RAIN24",
        "dates": "1-3 May 2024",
        "place": "Lund",
        "session": "VI",
        "session_part": "1",
        "url": "https://example.org/rain24",
        "identifiers": [{"scheme": "doi", "identifier": "10.1234/rain24"}],
    },
    "code:codeRepository": "https://example.org/code",
    "code:programmingLanguage": [term("python", "Python")],
    "code:developmentStatus": term("active", "Active", "Aktivní"),
}
FULL_PROPS: dict[str, dict[str, dict[str, str]]] = {
    "resourcetypes": {"publication-article": ARTICLE_PROPS, "dataset": DATASET_PROPS},
    "titletypes": {"subtitle": {"datacite": "Subtitle"}, "translated-title": {"datacite": "TranslatedTitle"}},
    "descriptiontypes": {"methods": {"datacite": "Methods"}, "table-of-contents": {"datacite": "TableOfContents"}},
    "datetypes": {
        "collected": {"datacite": "Collected"},
        "accepted": {"datacite": "Accepted"},
        "coverage": {"datacite": "Coverage"},
    },
    "creatorsroles": {"datacurator": {"datacite": "DataCurator"}},
    "contributorsroles": {
        "contactperson": {"datacite": "ContactPerson"},
        "rightsholder": {"datacite": "RightsHolder"},
    },
    "relationtypes": {
        "iscitedby": {"datacite": "IsCitedBy"},
        "isderivedfrom": {"datacite": "IsDerivedFrom"},
        "other": {"datacite": "Other"},
    },
    "languages": {"eng": {"alpha_2": "en"}, "ces": {"alpha_2": "cs"}},
    "licenses": {"cc-by-4.0": {"url": "https://creativecommons.org/licenses/by/4.0/", "scheme": "spdx"}},
}
