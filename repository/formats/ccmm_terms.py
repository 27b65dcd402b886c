"""The code lists of the Czech Core Metadata Model: a value that is not in them may not be written.

Specified by: CCMM 1.1.0 and the code lists at https://vocabs.ccmm.cz/.
"""

import re

_LISTS = "https://vocabs.ccmm.cz/registry/codelist/"
ALTERNATE_TITLE = _LISTS + "AlternateTitle/"
AGENT_ROLE = _LISTS + "AgentRole/"
DESCRIPTION_TYPE = _LISTS + "DescriptionType/"
REFERS_TO_PLACE = _LISTS + "LocationRelation/Refers"
RELATION_TYPE = _LISTS + "RelationType/"
SUBJECT_CATEGORY = _LISTS + "SubjectCategory/"
TIME_REFERENCE = _LISTS + "TimeReference/"
FILE_TYPE = "http://publications.europa.eu/resource/authority/file-type/"
MEDIA_TYPE = "https://www.iana.org/assignments/media-types/"
MD5 = "http://www.wikidata.org/entity/Q185235"
SHA_256 = "http://www.wikidata.org/entity/Q110651361"

SCHEMES = {
    "arxiv": ("https://arxiv.org/", "arXiv"),
    "doi": ("https://doi.org/", "DOI"),
    "eissn": ("https://www.issn.org/", "ISSN"),
    "handle": ("https://handle.net/", "Handle"),
    "isbn": ("https://www.isbn-international.org/", "ISBN"),
    "isni": ("https://isni.org/", "ISNI"),
    "issn": ("https://www.issn.org/", "ISSN"),
    "lissn": ("https://www.issn.org/", "ISSN"),
    "orcid": ("https://orcid.org/", "ORCID"),
    "ror": ("https://ror.org/", "ROR"),
}
"""Our schemes → IRI and label of the identifier scheme."""
IRI_SCHEME = ("urn:iri", "IRI")
"""Of identifiers whose own scheme the model does not know, and which are IRIs or lead to one."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


FILE_TYPES = _words(
    "7Z AAC ARC ARJ ATOM AZW BIN BMP BZIP2 CSS CSV DBF DOC DOCX DWG DXF ECW EPS EPUB GDB GEOJSON GIF GML GPKG GPX "
    "GTFS GZIP HDF HDT HTML ICS INDD ISO JAR JATS JPEG JPEG2000 JS JSON JSON_LD KML KMZ LAS LAZ LZMA LZO MARKDOWN "
    "MATHML MATLAB_MAT MBOX MDB METS MHTML MOBI MOV MP3 MPEG2 MPEG4 N3 NETCDF OCTET ODB ODC ODF ODG ODP ODS ODT "
    "OWL PARQUET PDF PL PNG PPS PPSX PPT PPTX PS PSD QGS RAR RDATA RDF RDF_N_QUADS RDF_N_TRIPLES RDF_TRIG "
    "RDF_TRIX RDF_TURTLE RDF_XML RPM RSS RTF SAS SCHEMA_XML SGML SHP SPARQLQ SPARQLQRES SPSS_SAV SQL STATA_DTA "
    "STL SVG TAB TAR TAR_GZ TAR_XZ TIFF TMX TSV TXT WARC WARC_GZ WAV WEBP XHTML XLIFF XLS XLSB XLSM XLSX XML XSLT "
    "XYZ XZ YAML ZIP"
)
FILE_TYPE_ALIASES = {
    "bz2": "BZIP2",
    "dta": "STATA_DTA",
    "gz": "GZIP",
    "h4": "HDF",
    "h5": "HDF",
    "hdf5": "HDF",
    "htm": "HTML",
    "jp2": "JPEG2000",
    "jpg": "JPEG",
    "jsonld": "JSON_LD",
    "mat": "MATLAB_MAT",
    "md": "MARKDOWN",
    "mp4": "MPEG4",
    "nc": "NETCDF",
    "nq": "RDF_N_QUADS",
    "nt": "RDF_N_TRIPLES",
    "rda": "RDATA",
    "rds": "RDATA",
    "sas7bdat": "SAS",
    "sav": "SPSS_SAV",
    "tgz": "TAR_GZ",
    "tif": "TIFF",
    "trig": "RDF_TRIG",
    "ttl": "RDF_TURTLE",
    "xsd": "SCHEMA_XML",
    "xsl": "XSLT",
    "yml": "YAML",
}
"""Ends of file names that are called otherwise in the EU's list of file types."""


def file_type(extension: str) -> str:
    """The EU's code for files whose names end so; `OCTET` for those that it does not know."""
    extension = extension.lower().lstrip(".")
    code = FILE_TYPE_ALIASES.get(extension) or extension.upper()
    return code if code in FILE_TYPES else "OCTET"


_FIELD = re.compile(r"https?://www\.oecd\.org/science/inno/38235147\.pdf\?([1-6])(?:\.(\d{1,2}))?")


def subject_category(subject: str) -> tuple[str, str]:
    """IRI and code of a subject of the OECD's Fields of Science in the model's own list; empty for any other.

    `…38235147.pdf?1.2` is `…/10000/10200`, 10200.
    """
    match = _FIELD.fullmatch(subject)
    if match is None:
        return "", ""
    division, group = f"{match[1]}0000", f"{match[1]}{int(match[2] or 0):02d}00"
    return SUBJECT_CATEGORY + (division if division == group else f"{division}/{group}"), group
