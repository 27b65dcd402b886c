"""Resource types: DataCite's general types, COAR's, OpenAIRE's and what repositories write → terms."""

from repository.formats.reading.intake import Intake
from repository.formats.reading.spelling import compact
from repository.records.snapshot import Json

GENERAL = {
    "audiovisual": "video",
    "book": "publication-book",
    "bookchapter": "publication-section",
    "collection": "publication-annotationcollection",
    "computationalnotebook": "software-computationalnotebook",
    "conferencepaper": "publication-conferencepaper",
    "conferenceproceeding": "publication-conferenceproceeding",
    "datapaper": "publication-datapaper",
    "dataset": "dataset",
    "dissertation": "publication-dissertation",
    "event": "event",
    "image": "image",
    "instrument": "instrument",
    "interactiveresource": "lesson",
    "journal": "publication-journal",
    "journalarticle": "publication-article",
    "model": "model",
    "other": "other",
    "outputmanagementplan": "publication-datamanagementplan",
    "peerreview": "publication-peerreview",
    "physicalobject": "physicalobject",
    "poster": "poster",
    "preprint": "publication-preprint",
    "presentation": "presentation",
    "project": "project",
    "report": "publication-report",
    "software": "software",
    "sound": "audio",
    "standard": "publication-standard",
    "studyregistration": "publication-studyregistration",
    "text": "publication",
    "workflow": "workflow",
}
"""`resourceTypeGeneral`, compacted → id."""

SPECIFIC = {
    "publication-article": "article journalarticle researcharticle originalarticle reviewarticle articlejournal letter "
    "scholarlyarticle contributiontojournal doctypearticle articlescholarlyrefereedpublisherversion "
    "articlescholarlyrefereedauthoracceptedmanuscript c2df8fbb1 cdcae04bc c545b",
    "publication-book": "book books monograph",
    "publication-section": "bookchapter bookpart booksection bookcontribution chapter inbook",
    "publication-conferencepaper": "conferencepaper conferencearticle conferenceobject proceedingsarticle "
    "inproceedings cc94f",
    "publication-conferenceproceeding": "conferenceproceeding conferenceproceedings proceedings",
    "publication-datamanagementplan": "datamanagementplan outputmanagementplan",
    "publication-journal": "journal journalissue periodical",
    "publication-patent": "patent",
    "publication-peerreview": "peerreview review",
    "publication-preprint": "preprint eprint",
    "publication-deliverable": "projectdeliverable deliverable",
    "publication-milestone": "projectmilestone milestone",
    "publication-proposal": "projectproposal proposal researchproposal",
    "publication-report": "report technicalreport projectreport c18gh c18ws",
    "publication-softwaredocumentation": "softwaredocumentation",
    "publication-taxonomictreatment": "taxonomictreatment",
    "publication-technicalnote": "technicalnote",
    "publication-workingpaper": "workingpaper",
    "publication-datapaper": "datapaper",
    "publication-dissertation": "dissertation thesis doctoralthesis masterthesis bachelorthesis thesisordissertation "
    "phdthesis mastersthesis electronicthesisordissertation cdb06 cbdcc c7a1f",
    "publication-standard": "standard",
    "publication-annotationcollection": "annotationcollection",
    "poster": "poster conferenceposter",
    "presentation": "presentation lecture slides conferencepresentation c8544",
    "event": "event performance",
    "dataset": "dataset datasets data researchdata",
    "image": "image stillimage cecc8",
    "image-photo": "photo photograph",
    "image-figure": "figure",
    "image-plot": "plot",
    "image-drawing": "drawing",
    "image-diagram": "diagram",
    "video": "video movingimage audiovisual film c8a7e",
    "audio": "audio sound soundrecording music",
    "software": "software sourcecode softwaresourcecode computerprogram",
    "software-computationalnotebook": "computationalnotebook",
    "lesson": "lesson learningobject learningmaterial interactiveresource",
    "workflow": "workflow",
    "physicalobject": "physicalobject",
    "model": "model",
    "publication": "text publication document",
    "other": "other c1843",
}
"""Id → the words for it, compacted; of COAR's codes those that the vocabulary's own property `coar` does not have."""
_SPECIFIC = {word: term for term, words in SPECIFIC.items() for word in words.split()}
_PREFIXES = (
    "info:eu-repo/semantics/",
    "http://purl.org/coar/resource_type/",
    "https://purl.org/coar/resource_type/",
    "http://purl.org/eprint/type/",
    "http://purl.org/dc/dcmitype/",
    "publications:",
    "semantics/",
)
VAGUE = ("", "publication", "other", "image")
"""A general type that a more specific word of the same document narrows."""


def of_datacite(general: str, said: str, path: str, intake: Intake) -> Json | None:
    """The term for `resourceTypeGeneral` and the free text `resourceType`; what it does not say becomes a note.
    None if the document has neither."""
    if not general and not said:
        return None
    if said and (exact := intake.known.resource_types.get((compact(general), compact(said)), "")):
        return {"id": exact}
    broad = GENERAL.get(compact(general), "")
    narrow = of_text(said, intake)
    found = narrow if narrow and broad in VAGUE and _known(narrow, intake) else broad
    if not found or not _known(found, intake):
        intake.change("resource-type")
        found = "other"
    if general and found != broad:
        intake.keep(f"{path}.resourceTypeGeneral", general)
    if said and compact(said) != compact(general) and not says_the_same(said, found):
        intake.keep(f"{path}.resourceType", said)
    return {"id": found}


def of_text(said: str, intake: Intake) -> str:
    """The id for one of the many words for a type, empty if it is not known."""
    lower = said.strip().lower()
    for prefix in _PREFIXES:
        if lower.startswith(prefix):
            lower = lower.removeprefix(prefix)
            break
    word = compact(lower)
    return _SPECIFIC.get(word) or intake.known.coar_types.get(word, "")


def linked(general: str, intake: Intake) -> str:
    """The id of a related resource's type, empty if there is none."""
    found = GENERAL.get(compact(general), "")
    return found if found and _known(found, intake) else ""


def _known(term: str, intake: Intake) -> bool:
    return intake.known.has("resourcetypes", term)


def says_the_same(said: str, term: str) -> bool:
    """Whether a free text is just the type's own name: `Journal article` of `publication-article`."""
    return compact(said) in (compact(term), compact(term.rpartition("-")[2]), _NAME_OF.get(term, ""))


_NAME_OF = {term: name for name, term in GENERAL.items()}
