"""The data provider without HTTP: arguments in, a whole XML response out."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from repository.formats import FORMATS, Format
from repository.oai import clock, envelope
from repository.oai.arguments import parse
from repository.oai.clock import Now
from repository.oai.errors import ProtocolError
from repository.oai.layers import Layer, layers
from repository.oai.tokens import Tokens
from repository.oai.verbs import VERBS, Content, Visit
from repository.records.sets import SETS, SetFamily
from repository.settings import Settings
from repository.storage.database import Database


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole response, and what is counted of it."""

    body: bytes
    verb: str = ""
    """Empty where the request names none that there is; so are prefix and set where they are not known here."""
    prefix: str = ""
    set: str = ""
    error: str = ""
    """Code of the error; empty for none."""
    records: int = 0


class Provider:
    """Answers requests, from any number of threads."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        formats: Sequence[Format] = FORMATS,
        now: Now = time.time,
        sets: tuple[SetFamily, ...] = SETS,
    ) -> None:
        self._database = database
        self._settings = settings
        self._formats = {format_.oai.prefix: format_ for format_ in formats if format_.oai}
        self._now = now
        self._sets = sets
        self._tokens = Tokens(settings.secret, settings.oai_old_secrets)
        self._layers: tuple[str, Mapping[str, Layer]] = ("", {})

    def answer(self, query: bytes, base_url: str) -> Answer:
        """The response to form-encoded arguments, whatever they are; `base_url` as the harvester called it.

        Raises NotReady while the records are being prepared, and what concerns the store.
        """
        arguments: Mapping[str, str] = {}
        error = ""
        with clock.reading(self._database, self._now) as (connection, moment):
            try:
                request = parse(query)
                arguments = {"verb": request.verb, **request.arguments}
                visit = Visit(
                    self._settings, self._tokens, self._sets, self._formats, base_url, connection, moment,
                    self._layers_of(connection, moment.generation), self._now(),
                )  # fmt: skip
                content = VERBS[request.verb](visit, request)
            except ProtocolError as refusal:
                content, error = Content(envelope.error(refusal)), refusal.code
            body = envelope.document(moment.stamp, base_url, arguments, content.xml)
            verb = arguments.get("verb", "")
            return Answer(body, verb, content.prefix, content.set, error, content.records)

    def _layers_of(self, connection: Connection, generation: str) -> Mapping[str, Layer]:
        """The layers of a generation never change, so they are read once."""
        known, found = self._layers
        if known != generation:
            found = {layer.prefix: layer for layer in layers(connection, generation) if layer.prefix in self._formats}
            self._layers = (generation, found)
        return found
