"""The six verbs, one function each: a request becomes the content of the response, or a ProtocolError.

Specified by: OAI-PMH 2.0, 4 Protocol Requests and Responses.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import accumulate

from sqlalchemy import Connection

from repository.formats import Format, OaiFormat
from repository.formats.xml_text import escape
from repository.oai import envelope, items, lists, moves
from repository.oai.arguments import Request, VerbName, utc
from repository.oai.clock import Moment
from repository.oai.descriptions import descriptions
from repository.oai.errors import NotReady, ProtocolError
from repository.oai.layers import Layer, sequence_of
from repository.oai.lists import EVERYTHING
from repository.oai.tokens import LIFETIME, Place, Tokens
from repository.records.identifiers import parse_oai_identifier
from repository.records.sets import SetFamily, description
from repository.settings import Settings
from repository.storage import oai_sets

MOST_BYTES = 8 << 20
"""Of the stored bodies in one response: abstracts of a megabyte and papers of 3,000 authors make small pages."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One request's view of the repository."""

    settings: Settings
    tokens: Tokens
    sets: tuple[SetFamily, ...]
    formats: Mapping[str, Format]
    """By prefix: those that are configured."""
    base_url: str
    connection: Connection
    moment: Moment
    layers: Mapping[str, Layer]
    """Prefix → layer, of the generation that harvesters read; empty before there is one."""
    now: float

    @property
    def offered(self) -> list[OaiFormat]:
        """A new format is offered as soon as all its renderings are there."""
        return [
            format_.oai
            for prefix, format_ in self.formats.items()
            if format_.oai and (prefix in self.layers or not self.layers)
        ]

    def list_id(self, layer: Layer, of_set: str) -> int | None:
        """Id of the list of a set, or of everything, in one format; None where nothing has ever been in it."""
        return lists.list_id(self.connection, of_set, layer.prefix if layer.partial else "")

    def layer(self, prefix: str) -> Layer | None:
        """None where there is no item at all. Raises ProtocolError and NotReady."""
        if prefix not in {offered.prefix for offered in self.offered}:
            raise ProtocolError("cannotDisseminateFormat", f"There is no metadata format with the prefix {prefix}.")
        if prefix in self.layers:
            return self.layers[prefix]
        if items.earliest_stamp(self.connection) is None:
            return None
        raise NotReady("The records are being prepared for harvesting.")


@dataclass(frozen=True, slots=True)
class Content:
    """What stands in a response, and of which list it is a page."""

    xml: envelope.Parts
    records: int = 0
    prefix: str = ""
    set: str = ""


def identify(visit: Visit, _request: Request) -> Content:
    earliest = items.earliest_stamp(visit.connection)
    settings = visit.settings
    return _wrapped(
        "Identify",
        envelope.element("repositoryName", settings.site_name)
        + envelope.element("baseURL", visit.base_url)
        + envelope.element("protocolVersion", "2.0")
        + envelope.element("adminEmail", _address(settings.oai_admin_email))
        + envelope.element("earliestDatestamp", utc(visit.moment.stamp if earliest is None else earliest))
        + envelope.element("deletedRecord", "persistent")
        + envelope.element("granularity", "YYYY-MM-DDThh:mm:ssZ")
        + envelope.element("compression", "gzip")
        + descriptions(settings),
    )


def _wrapped(verb: str, content: str) -> Content:
    return Content(envelope.wrapped(verb, content))


def _address(email: str) -> str:
    """The schema wants a dot behind the @: an address at a bare host (localhost) gets the reserved domain."""
    return email if "." in email.rpartition("@")[2] else f"{email}.invalid"


def list_metadata_formats(visit: Visit, request: Request) -> Content:
    offered = visit.offered
    identifier = request.get("identifier")
    if identifier is not None:
        sequence, is_deleted = _item(visit, identifier)
        offered = [format_ for format_ in offered if not is_deleted and _is_had(visit, format_.prefix, sequence)]
        if not offered:
            raise ProtocolError("noMetadataFormats", "The item is deleted; it has no metadata.")
    return _wrapped(
        "ListMetadataFormats",
        "".join(
            "<metadataFormat>"
            + envelope.element("metadataPrefix", format_.prefix)
            + envelope.element("schema", format_.schema)
            + envelope.element("metadataNamespace", format_.namespace)
            + "</metadataFormat>"
            for format_ in offered
        ),
    )


def _is_had(visit: Visit, prefix: str, sequence: int) -> bool:
    """Whether an item can be had in a format now."""
    layer = visit.layer(prefix)
    found = items.record(visit.connection, layer.id, sequence) if layer else ()
    return any(body for _key, _header, body in found)


def list_sets(visit: Visit, request: Request) -> Content:
    if "resumptionToken" in request.arguments:
        raise ProtocolError("badResumptionToken", "The list of sets is always given whole.")
    _check_set_hierarchy(visit)
    defined = {one.spec: one for one in oai_sets.every(visit.connection)}
    names = {family.spec: family.name for family in visit.sets}
    names |= {row.spec: row.name for row in items.sets(visit.connection)}
    names |= {spec: one.name for spec, one in defined.items()}
    texts = {spec: description(spec, name, visit.sets) or f"Records of the set {name}." for spec, name in names.items()}
    texts |= {spec: one.description for spec, one in defined.items() if one.description}
    return _wrapped("ListSets", "".join(_set(spec, names[spec], texts[spec]) for spec in sorted(names)))


def _set(spec: str, name: str, text: str) -> str:
    about = (
        '<setDescription><oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/oai_dc/'
        f' http://www.openarchives.org/OAI/2.0/oai_dc.xsd"><dc:description>{escape(text)}</dc:description></oai_dc:dc>'
        "</setDescription>"
    )
    return f"<set>{envelope.element('setSpec', spec)}{envelope.element('setName', name)}{about}</set>"


def _check_set_hierarchy(visit: Visit) -> None:
    if not visit.sets:
        raise ProtocolError("noSetHierarchy", "This repository has no sets.")


def get_record(visit: Visit, request: Request) -> Content:
    layer = visit.layer(request["metadataPrefix"])
    sequence, _is_deleted = _item(visit, request["identifier"])
    record = [] if layer is None else items.record(visit.connection, layer.id, sequence)
    if not record:
        raise ProtocolError("cannotDisseminateFormat", "The item can't be had in this metadata format.")
    return Content(envelope.records("GetRecord", record), 1, request["metadataPrefix"])


def _item(visit: Visit, identifier: str) -> tuple[int, bool]:
    record_id = parse_oai_identifier(visit.settings.oai_domain, identifier)
    found = None if record_id is None else items.item(visit.connection, record_id)
    if found is None:
        raise ProtocolError("idDoesNotExist", "There is no item with this identifier.")
    return found


def list_records(visit: Visit, request: Request) -> Content:
    return _list(visit, request)


def list_identifiers(visit: Visit, request: Request) -> Content:
    return _list(visit, request)


def _list(visit: Visit, request: Request) -> Content:
    """A page of a list: one range of the renderings. The list is bounded by the moment at which it was begun."""
    text = request.get("resumptionToken")
    place = _begin(visit, request) if text is None else visit.tokens.read(text, request.verb, visit.now)
    layer = visit.layers.get(place.prefix)
    narrow = layer is not None and (layer.partial or place.set != EVERYTHING)
    of_set = visit.list_id(layer, place.set) if layer and narrow else None
    if layer is None or (narrow and of_set is None):
        raise ProtocolError("badResumptionToken", "What the resumptionToken speaks of is no longer there.")
    whole, size = request.verb == "ListRecords", visit.settings.oai_page_size
    page = items.page(visit.connection, layer.id, of_set, place.after, place.last, size + 1, whole)
    if not page:
        everything = lists.list_id(visit.connection, EVERYTHING) or 0
        page = moves.instead(visit.connection, layer.id, of_set or everything, place)
    if not page:
        raise ProtocolError("noRecordsMatch", "No further records match.")
    given = _bounded(page[:size]) if whole else page[:size]
    write = envelope.records if whole else envelope.headers
    xml = write(request.verb, given, _token(visit, place, given, len(given) < len(page)))
    return Content(xml, len(given), place.prefix, place.set)


def _bounded(records: items.Records) -> items.Records:
    """As many as make a response of bearable size; one at least."""
    if sum(len(body) for _key, _header, body in records) <= MOST_BYTES:
        return records
    sums = accumulate(len(body) for _key, _header, body in records)
    return records[: max(1, sum(size <= MOST_BYTES for size in sums))]


def _begin(visit: Visit, request: Request) -> Place:
    """The list's beginning and bound. Raises `noRecordsMatch`, and what is wrong with prefix and set."""
    prefix, spec = request["metadataPrefix"], request.get("set") or EVERYTHING
    layer = visit.layer(prefix)
    if spec:
        _check_set_hierarchy(visit)
    of_list = visit.list_id(layer, spec) if layer else None
    bound = visit.moment.stamp - 1
    latest = bound if request.latest is None else min(request.latest, bound)
    after, last = items.interval(visit.connection, request.earliest, latest)
    total = lists.count(visit.connection, of_list, after, last) if of_list is not None and after < last else 0
    if layer is None or not total:
        raise ProtocolError("noRecordsMatch", "No records match the arguments.")
    return Place(request.verb, prefix, spec, after, last, 0, total, after, request.latest or 0)


def _token(visit: Visit, place: Place, given: items.Records, more: bool) -> str:
    if more:
        expires = int(visit.now) + LIFETIME
        following = visit.tokens.write(place.next(sequence_of(given[-1][0]), len(given)), expires)
        return envelope.token(following, place.cursor, place.total, expires)
    return envelope.token("", place.cursor, place.total) if place.cursor else ""


VERBS: Mapping[VerbName, Callable[[Visit, Request], Content]] = {
    "Identify": identify,
    "ListMetadataFormats": list_metadata_formats,
    "ListSets": list_sets,
    "GetRecord": get_record,
    "ListIdentifiers": list_identifiers,
    "ListRecords": list_records,
}
