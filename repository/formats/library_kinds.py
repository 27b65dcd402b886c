"""What librarians call the kinds of works: MARC's codes and words, and those of MODS that go with them.

Specified by: MARC 21 Bibliographic, Leader/06 and 008/18-34; RDA content types and file types (rdacontent, rdaft);
MARC Genre Terms (marcgt); MODS 3.8, typeOfResource.
"""

from dataclasses import dataclass

from repository.records.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of work, as codes and as words."""

    record_type: str
    """Leader/06: a language material, g film or video, i spoken sound, k picture, m computer file, r object."""
    content: str
    """Code of the RDA content type."""
    file_type: str
    """RDA's word for a file of it; empty where it is none."""
    genre: str
    """The term of marcgt; empty where none fits."""
    resource: str
    """typeOfResource of MODS."""
    level: str = "m"
    """Leader/07: m monograph, s serial, c collection."""
    part: bool = False
    """Whether it is commonly published in something else."""
    detail: str = " "
    """008/24 of language material, 008/26 of computer files, 008/33 of what is seen."""
    conference: bool = False


CONTENT = {
    "txt": "text",
    "cod": "computer dataset",
    "cop": "computer program",
    "sti": "still image",
    "tdi": "two-dimensional moving image",
    "spw": "spoken word",
    "tdf": "three-dimensional form",
    "zzz": "unspecified",
}


def _text(genre: str, *, level: str = "m", part: bool = False, detail: str = " ", conference: bool = False) -> Kind:
    return Kind("a", "txt", "text file", genre, "text", level, part, detail, conference)


_SOFTWARE = "software, multimedia"
_PROGRAM = Kind("m", "cop", "program file", "computer program", _SOFTWARE, detail="b")
_DATA = Kind("m", "cod", "data file", "numeric data", _SOFTWARE, detail="a")
_PICTURE = Kind("k", "sti", "image file", "picture", "still image", detail="i")
_OBJECT = Kind("r", "tdf", "", "realia", "three dimensional object", detail="r")
_UNKNOWN = Kind("m", "zzz", "", "", "mixed material", detail="u")
"""MARC's own rule: in case of doubt, what is held on a computer is a computer file."""
_ARTICLE = _text("article", part=True)
_REPORT = _text("technical report", detail="t")
_KINDS = {
    "Audiovisual": Kind("g", "tdi", "video file", "videorecording", "moving image", detail="v"),
    "Book": _text("book"),
    "BookChapter": _text("", part=True),
    "Collection": Kind("m", "zzz", "", "", "mixed material", level="c", detail="m"),
    "ComputationalNotebook": _PROGRAM,
    "ConferencePaper": _text("conference publication", part=True, conference=True),
    "ConferenceProceeding": _text("conference publication", conference=True),
    "DataPaper": _ARTICLE,
    "Dataset": _DATA,
    "Dissertation": _text("thesis", detail="m"),
    "Image": _PICTURE,
    "Instrument": _OBJECT,
    "InteractiveResource": Kind("m", "zzz", "", "interactive multimedia", _SOFTWARE, detail="i"),
    "Journal": _text("periodical", level="s"),
    "JournalArticle": _ARTICLE,
    "Model": Kind("m", "cod", "data file", "", _SOFTWARE, detail="c"),
    "OutputManagementPlan": _text(""),
    "PeerReview": _text("review", part=True, detail="o"),
    "PhysicalObject": _OBJECT,
    "Poster": _text("", conference=True),
    "Preprint": _text("article"),
    "Presentation": _text("", conference=True),
    "Report": _REPORT,
    "Software": _PROGRAM,
    "Sound": Kind("i", "spw", "audio file", "sound", "sound recording-nonmusical"),
    "Standard": _text("standard or specification", detail="u"),
    "StudyRegistration": _text(""),
    "Text": _text(""),
    "Workflow": _PROGRAM,
}
"""By DataCite's resourceTypeGeneral, so that an instance's own terms are known as well."""
_SPECIAL = {
    "Patent": _text("patent", detail="j"),
    "Project deliverable": _REPORT,
    "Project milestone": _REPORT,
    "Technical note": _REPORT,
    "Working paper": _REPORT,
    "Plot": Kind("k", "sti", "image file", "chart", "still image", detail="n"),
    "Diagram": Kind("k", "sti", "image file", "chart", "still image", detail="n"),
    "Drawing": Kind("k", "sti", "image file", "art original", "still image", detail="a"),
}
"""By DataCite's resourceType, where that says more."""


def kind_of(snapshot: Snapshot) -> Kind:
    term = (snapshot.metadata.get("resource_type") or {"id": ""})["id"]
    special = _SPECIAL.get(snapshot.prop("resourcetypes", term, "datacite_type"))
    return special or _KINDS.get(snapshot.prop("resourcetypes", term, "datacite_general"), _UNKNOWN)
