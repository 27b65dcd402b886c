"""Files by the EU's list of file types, which catalogues of open data count by.

Specified by: EU Vocabularies, File type; DCAT-AP 3.0.1, Distribution, format.
"""

from functools import lru_cache

FILE_TYPE = "http://publications.europa.eu/resource/authority/file-type/"
_UNKNOWN = "OCTET"
_COMPRESSED = frozenset({"gz", "xz"})
"""Ends by which the list has types of what is compressed: `TAR_GZ`."""

_LISTED = (
    "7Z AAC ARC ARJ ATOM AZW BIN BMP BZIP2 CSS CSV DBF DOC DOCX DWG DXF ECW EPS EPUB GDB GEOJSON GIF GML GPKG "
    "GPX GTFS GZIP HDF HDT HTML ICS INDD ISO JAR JATS JPEG JPEG2000 JS JSON JSON_LD KML KMZ LAS LAZ LZMA LZO "
    "MARKDOWN MATHML MATLAB_MAT MBOX MDB METS MHTML MOBI MOV MP3 MPEG2 MPEG4 N3 NETCDF OCTET ODB ODC ODF ODG "
    "ODP ODS ODT OWL PARQUET PDF PL PNG PPS PPSX PPT PPTX PS PSD QGS RAR RDATA RDF RDF_N_QUADS RDF_N_TRIPLES "
    "RDF_TRIG RDF_TRIX RDF_TURTLE RDF_XML RPM RSS RTF SAS SCHEMA_XML SGML SHP SPARQLQ SPARQLQRES SPSS_SAV SQL "
    "STATA_DTA STL SVG TAB TAR TAR_GZ TAR_XZ TIFF TMX TSV TXT WARC WARC_GZ WAV WEBP XHTML XLIFF XLS XLSB XLSM "
    "XLSX XML XSLT XYZ XZ YAML ZIP"
)
FILE_TYPES = frozenset(_LISTED.split())
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
    "svgz": "SVG",
    "taz": "TAR_GZ",
    "tgz": "TAR_GZ",
    "tif": "TIFF",
    "trig": "RDF_TRIG",
    "ttl": "RDF_TURTLE",
    "txz": "TAR_XZ",
    "xsd": "SCHEMA_XML",
    "xsl": "XSLT",
    "yml": "YAML",
}
"""Ends of file names that are called otherwise in the EU's list of file types."""


def file_type(extension: str) -> str:
    """The EU's code for files whose names end so; `OCTET` for those that it does not know."""
    extension = extension.lower().lstrip(".")
    code = FILE_TYPE_ALIASES.get(extension) or extension.upper()
    return code if code in FILE_TYPES else _UNKNOWN


def file_format(key: str) -> str:
    """The EU's code for a file of this name; empty for one that it does not know.

    Of one file that was compressed by gzip it is that of the content, as of `dcat:mediaType`: `CSV` for `a.csv.gz`.
    """
    return _format(tuple(key.rpartition("/")[2].lower().rsplit(".", 2)[1:]))


@lru_cache(maxsize=512)
def _format(ends: tuple[str, ...]) -> str:
    """`ends`: the last two at most, without dots."""
    if not ends:
        return ""
    found = file_type(ends[-1])
    if len(ends) == 2 and ends[1] in _COMPRESSED:
        whole, content = "_".join(ends).upper(), file_type(ends[0])
        if whole in FILE_TYPES:
            found = whole
        elif ends[1] == "gz" and content != _UNKNOWN:
            found = content
    return "" if found == _UNKNOWN else found
