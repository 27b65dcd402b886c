"""The controlled lists of OpenAIRE's literature guidelines, and what our terms are in them.

Specified by: OpenAIRE Guidelines for Literature Repository Managers 4.0, oaire-resourceType-v4.xsd and
oaire-versions-v4.xsd (COAR's resource types 1.1 and version types); datacite-*-v4.xsd beside them (kernel 4.1).
"""

RESOURCE_TYPES = {
    "c_0640": "journal",
    "c_0857": "letter",
    "c_1162": "annotation",
    "c_12cc": "cartographic material",
    "c_12cd": "map",
    "c_12ce": "video",
    "c_15cd": "patent",
    "c_1843": "other",
    "c_186u": "policy report",
    "c_18cc": "sound",
    "c_18cd": "musical composition",
    "c_18cf": "text",
    "c_18co": "conference poster not in proceedings",
    "c_18cp": "conference paper not in proceedings",
    "c_18cw": "musical notation",
    "c_18gh": "technical report",
    "c_18hj": "report to funding agency",
    "c_18op": "project deliverable",
    "c_18wq": "other type of report",
    "c_18ws": "research report",
    "c_18ww": "internal report",
    "c_18wz": "memorandum",
    "c_2659": "periodical",
    "c_2df8fbb1": "research article",
    "c_2f33": "book",
    "c_3248": "book part",
    "c_393c": "workflow",
    "c_3e5a": "contribution to journal",
    "c_46ec": "thesis",
    "c_545b": "letter to the editor",
    "c_5794": "conference paper",
    "c_5ce6": "software",
    "c_6501": "journal article",
    "c_6670": "conference poster",
    "c_71bd": "technical documentation",
    "c_7a1f": "bachelor thesis",
    "c_7ad9": "website",
    "c_8042": "working paper",
    "c_816b": "preprint",
    "c_8544": "lecture",
    "c_86bc": "bibliography",
    "c_8a7e": "moving image",
    "c_93fc": "report",
    "c_b239": "editorial",
    "c_ba08": "book review",
    "c_ba1f": "report part",
    "c_baaf": "research proposal",
    "c_bdcc": "master thesis",
    "c_beb9": "data paper",
    "c_c513": "image",
    "c_c94f": "conference object",
    "c_db06": "doctoral thesis",
    "c_dcae04bc": "review article",
    "c_ddb1": "dataset",
    "c_e9a0": "interactive resource",
    "c_ecc8": "still image",
    "c_efa0": "review",
    "c_f744": "conference proceedings",
}
"""Codes of COAR's resource types → their labels."""

SUBSTITUTES = {
    "8KJG-QS0Y": "c_1843",  # instrument → other
    "H9BQ-739P": "c_efa0",  # peer review → review
    "R60J-J5BD": "c_c94f",  # conference presentation → conference object
    "RMP5-3GQ6": "c_1162",  # annotation collection → annotation
    "S7R1-K5P0": "c_1843",  # physical object → other
    "YZ1N-ZFT9": "c_1843",  # research protocol → other
    "c_ab20": "c_1843",  # data management plan → other
    "c_e059": "c_e9a0",  # learning object → interactive resource
}
"""Codes that came into COAR's list later → the next best one."""

GENERAL_TYPES = {
    "publication": "literature",
    "dataset": "dataset",
    "software": "software",
    "other": "other research product",
}
"""Our `openaire_type` → resourceTypeGeneral."""

_OF_DATACITE = {
    "literature": (
        "Book c_2f33 BookChapter c_3248 ConferencePaper c_5794 ConferenceProceeding c_f744 DataPaper c_beb9 "
        "Dissertation c_46ec Journal c_0640 JournalArticle c_6501 OutputManagementPlan c_1843 PeerReview c_efa0 "
        "Poster c_6670 Preprint c_816b Presentation c_c94f Report c_93fc Standard c_71bd StudyRegistration c_1843 "
        "Text c_18cf"
    ),
    "dataset": "Audiovisual c_12ce Collection c_1843 Dataset c_ddb1 Image c_c513 Model c_1843 Sound c_18cc",
    "software": "ComputationalNotebook c_5ce6 Software c_5ce6",
    "other research product": "InteractiveResource c_e9a0 Workflow c_393c",
}
BY_DATACITE = {
    name: (general, code)
    for general, words in _OF_DATACITE.items()
    for name, code in zip(words.split()[::2], words.split()[1::2], strict=True)
}
"""DataCite's general type → resourceTypeGeneral and code, for terms that have no properties of their own for these."""

VERSIONED = frozenset({"c_2df8fbb1", "c_6501", "c_816b", "c_dcae04bc"})
"""Articles and preprints: their version is a term of the next list or is not given."""

_VERSION_WORDS = {
    "c_b1a7d7d4d402bcce": "AO;author's original;draft",
    "c_71e4c1898caa6e32": "SMUR;submitted manuscript under review;submittedversion;submitted version",
    "c_ab4af688f83e57aa": "AM;accepted manuscript;acceptedversion;accepted version",
    "c_fa2ee174bc00049f": "P;proof",
    "c_970fb48d4fbd8a85": "VoR;version of record;publishedversion;published version",
    "c_e19f295774971610": "CVoR;corrected version of record;updatedversion;updated version",
    "c_dc82b40f9837b551": "EVoR;enhanced version of record",
    "c_be7fb7dd8ff6fe43": "NA;not applicable (or unknown)",
}
VERSIONS = {
    word.lower(): (code, words.partition(";")[0]) for code, words in _VERSION_WORDS.items() for word in words.split(";")
}
"""What versions are called, in lower case (the words of info:eu-repo/semantics too) → code and label of COAR."""

DATE_TYPES = frozenset(
    ("Accepted", "Available", "Collected", "Copyrighted", "Created", "Submitted", "Updated", "Valid")
)
"""Issued is for the date of publication alone."""

CONTRIBUTOR_TYPES_NEWER = frozenset({"Translator"})
DOCUMENTS = (
    "application/epub",
    "application/msword",
    "application/pdf",
    "application/postscript",
    "application/rtf",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.openxmlformats-officedocument.wordprocessingml",
    "application/x-tex",
    "application/xhtml",
    "application/xml",
    "text/html",
    "text/markdown",
    "text/plain",
    "text/rtf",
    "text/x-tex",
    "text/xml",
)
"""Media types that a full text has begin with one of these."""
