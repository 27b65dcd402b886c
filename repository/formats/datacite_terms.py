"""The controlled lists of DataCite's kernel 4.7: a value that is not in them may not be written.

Specified by: DataCite Metadata Schema 4.7, appendix 1.
"""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


IN_COPYRIGHT = "http://rightsstatements.org/vocab/InC/1.0/"
"""The rightsUri of a notice of copyright."""
RESOURCE_TYPES = _words(
    "Audiovisual Award Book BookChapter Collection ComputationalNotebook ConferencePaper ConferenceProceeding "
    "DataPaper Dataset Dissertation Event Image Instrument InteractiveResource Journal JournalArticle Model Other "
    "OutputManagementPlan PeerReview PhysicalObject Poster Preprint Presentation Project Report Service Software "
    "Sound Standard StudyRegistration Text Workflow"
)
TITLE_TYPES = _words("AlternativeTitle Subtitle TranslatedTitle Other")
CONTRIBUTOR_TYPES = _words(
    "ContactPerson DataCollector DataCurator DataManager Distributor Editor HostingInstitution Other Producer "
    "ProjectLeader ProjectManager ProjectMember RegistrationAgency RegistrationAuthority RelatedPerson Researcher "
    "ResearchGroup RightsHolder Sponsor Supervisor Translator WorkPackageLeader"
)
DATE_TYPES = _words(
    "Accepted Available Collected Copyrighted Coverage Created Issued Other Submitted Updated Valid Withdrawn"
)
DESCRIPTION_TYPES = _words("Abstract Methods SeriesInformation TableOfContents TechnicalInfo Other")
RELATION_TYPES = _words(
    "Cites Collects Compiles Continues Describes Documents HasMetadata HasPart HasTranslation HasVersion IsCitedBy "
    "IsCollectedBy IsCompiledBy IsContinuedBy IsDerivedFrom IsDescribedBy IsDocumentedBy IsIdenticalTo "
    "IsMetadataFor IsNewVersionOf IsObsoletedBy IsOriginalFormOf IsPartOf IsPreviousVersionOf IsPublishedIn "
    "IsReferencedBy IsRequiredBy IsReviewedBy IsSourceOf IsSupplementTo IsSupplementedBy IsTranslationOf "
    "IsVariantFormOf IsVersionOf Obsoletes Other References Requires Reviews"
)
RELATED_LABELS = {
    "ads": "bibcode",
    "ark": "ARK",
    "arxiv": "arXiv",
    "cstr": "CSTR",
    "doi": "DOI",
    "ean13": "EAN13",
    "eissn": "EISSN",
    "handle": "Handle",
    "igsn": "IGSN",
    "isbn": "ISBN",
    "issn": "ISSN",
    "istc": "ISTC",
    "lissn": "LISSN",
    "lsid": "LSID",
    "pmid": "PMID",
    "purl": "PURL",
    "raid": "RAiD",
    "rrid": "RRID",
    "swhid": "SWHID",
    "upc": "UPC",
    "url": "URL",
    "urn": "URN",
    "w3id": "w3id",
}
"""Our schemes → relatedIdentifierType, a controlled list."""
ALTERNATE_LABELS = RELATED_LABELS | {
    "crossreffunderid": "Crossref Funder ID",
    "gnd": "GND",
    "grid": "GRID",
    "isni": "ISNI",
    "orcid": "ORCID",
    "other": "Other",
    "ror": "ROR",
    "wikidata": "Wikidata",
}
"""Our schemes → alternateIdentifierType, free text."""
