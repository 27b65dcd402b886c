"""The writing side of a search index in an OpenSearch cluster: an index for each generation, and aliases.

```
<prefix>-g2024…          one index
<prefix>-g2024….write    alias: what is written goes there
<prefix>                 alias of the current index, for people
<prefix>.<shape>         alias of the current index, for those who search and know its shape
```

Who writes is decided by the lease of the reader alone. A leader that has lost it, and whose requests arrive late, does
no harm: each entry carries its position as an external version, so an older one is refused, and a generation that was
dropped has no alias any more. What is removed stays as an entry without content, since the cluster forgets the version
of one that is deleted after a minute.
"""

import contextlib
import re
import time
from collections.abc import Iterator, Sequence

from opensearchpy import TransportError

from repository.errors import StoreFull, Unreachable
from repository.records.snapshot import Json
from repository.search import opensearch_schema
from repository.search.engine import Held
from repository.search.opensearch_client import answered, connect, place, reason, refusal, store_errors

_SECONDS = 60.0
"""For one request of the reader."""
_LOOK = 5.0
"""For its first one, which asks for nothing."""
_OCTETS = 5_000_000
"""Of entries in one request."""
_TOO_MUCH = 429
_PAUSES = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Seconds after each answer that there is too much to do."""
_PAGE = 2_000
_KEPT = "2m"
"""For so long the cluster keeps a moment of the index after each page that is asked of it."""


class _Overloaded(Unreachable):
    """The cluster lacks memory or queues for the moment; what it has refused it may take soon."""


class OpenSearchIndex:
    """Implements `search.engine.SearchIndex`. Used by one thread."""

    row = staticmethod(opensearch_schema.lines)

    def __init__(self, url: str) -> None:
        self._place = place(url)
        self._client = connect(self._place, _SECONDS)
        self._filling: set[str] = set()
        """Generations that this process has made and not activated."""

    def shape(self) -> str:
        return opensearch_schema.shape()

    @contextlib.contextmanager
    def leading(self) -> Iterator[None]:
        with store_errors():
            answered(self._client.info(request_timeout=_LOOK), "version")
        yield

    def write(self, entries: Sequence[Json], generation: str) -> None:
        self.put([self.row(entry) for entry in entries], generation)

    def put(self, rows: Sequence[bytes], generation: str) -> None:
        """Of a generation that is searched, what was written is found when this returns: a refresh with each batch, not
        one every second, so that a record is found as soon as its reader has passed it.

        What only the engine refuses it tells when it has written the others, which are right all the same.
        """
        for part in _parts(rows):
            self._send(part, generation)

    def create(self, generation: str) -> None:
        """The template is for an index that anybody else makes under our names; ours says its mappings itself, since a
        process of another version may have replaced the template meanwhile."""
        template = opensearch_schema.template(self._place.prefix, self.shape())
        body: Json = {**template["template"], "aliases": {self._place.written(generation): {}}}
        with _answers():
            self._client.indices.put_index_template(name=self._place.prefix, body=template)
            self._client.indices.create(index=self._place.index(generation), body=body)
        self._filling.add(generation)

    def activate(self, generation: str) -> None:
        index = self._place.index(generation)
        with _answers():
            self._client.indices.refresh(index=index)
            known = self._client.indices.get(index=f"{self._place.prefix}-g*", params={"expand_wildcards": "all"})
        shape = str(answered(known, index)[index]["mappings"].get("_meta", {}).get("shape", ""))
        wanted = {self._place.prefix, self._place.read(shape)}
        actions = [
            {"remove": {"index": name, "alias": alias}}
            for name, one in known.items()
            for alias in self._of_readers(one["aliases"])
            if name != index or alias not in wanted
        ]
        there = set(known[index]["aliases"])
        actions += [{"add": {"index": index, "alias": alias}} for alias in sorted(wanted - there)]
        if actions:
            with _answers():
                self._client.indices.update_aliases(body={"actions": actions})
        self._filling.discard(generation)

    def drop(self, generation: str) -> None:
        with _answers():
            self._client.indices.delete(index=self._place.index(generation), params={"ignore_unavailable": "true"})
        self._filling.discard(generation)

    def generations(self) -> list[str]:
        pattern = re.compile(re.escape(self._place.prefix) + r"-(g[0-9a-z]{1,20})")
        with _answers():
            known = self._client.indices.get_alias(index=f"{self._place.prefix}-g*", params={"expand_wildcards": "all"})
        return [match[1] for name in answered(known) if (match := pattern.fullmatch(name))]

    def held(self) -> Iterator[Held]:
        with store_errors():
            try:
                opened = answered(
                    self._client.create_pit(index=self._place.prefix, params={"keep_alive": _KEPT}), "pit_id"
                )
            except TransportError as error:
                if error.status_code == 404:
                    return
                raise refusal(error.status_code, error.info) from error
        try:
            yield from self._pages(opened["pit_id"])
        finally:
            with contextlib.suppress(Unreachable, StoreFull), _answers():
                self._client.delete_pit(body={"pit_id": [opened["pit_id"]]})

    def _pages(self, moment: str) -> Iterator[Held]:
        created = opensearch_schema.number_field("created")
        body: Json = {
            "size": _PAGE,
            "pit": {"id": moment, "keep_alive": _KEPT},
            "sort": [{"id": "asc"}],
            "_source": False,
            # every document was created at some time; what is left of a removed one says nothing of it
            "docvalue_fields": ["position", created],
            "track_total_hits": False,
        }
        while True:
            with _answers():
                answer = self._client.search(body=body, params={"allow_partial_search_results": "false"})
            hits = answered(answer, "hits")["hits"]["hits"]
            if not hits:
                return
            for hit in hits:
                yield Held(hit["_id"], int(hit["fields"]["position"][0]), created in hit["fields"])
            body["search_after"] = hits[-1]["sort"]

    def _of_readers(self, aliases: Json) -> list[str]:
        return [name for name in aliases if name == self._place.prefix or name.startswith(f"{self._place.prefix}.")]

    def _send(self, part: bytes, generation: str) -> None:
        """Again where the cluster has too much to do for the moment: a fill must not begin anew for that."""
        for pause in _PAUSES:
            try:
                return self._bulk(part, generation)
            except _Overloaded:
                time.sleep(pause)
        return self._bulk(part, generation)

    def _bulk(self, body: bytes, generation: str) -> None:
        options = {
            "require_alias": "true",
            "refresh": "false" if generation in self._filling else "true",
            "filter_path": "errors,items.*.status,items.*.error",
        }
        with _answers():
            try:
                answer = self._client.bulk(index=self._place.written(generation), body=body, params=options)
            except TransportError as error:
                if error.status_code == 413:  # an entry that is larger than _OCTETS is sent alone
                    raise ValueError("OpenSearch takes no entry of this size.") from error
                if error.status_code == _TOO_MUCH:
                    raise _too_much(error.info) from error
                raise
        if not answered(answer, "errors")["errors"]:
            return
        failed = [item["index"] for item in answer["items"] if item["index"]["status"] not in (200, 201, 409)]
        for item in sorted(failed, key=lambda item: item["status"] == 400):  # the store's own faults first
            if item["status"] == 404:
                raise _gone(generation)
            if item["status"] == _TOO_MUCH:
                raise _too_much(item["error"])
            if item["status"] != 400:
                raise refusal(item["status"], item["error"])
            raise ValueError(f"OpenSearch refuses an entry: {reason(item['error'])}")


def _too_much(said: object) -> Unreachable | StoreFull:
    """A full disk has the same status, and no pause helps."""
    told = refusal(_TOO_MUCH, said)
    return told if isinstance(told, StoreFull) else _Overloaded(told.message)


def _parts(lines: Sequence[bytes]) -> Iterator[bytes]:
    part: list[bytes] = []
    size = 0
    for line in lines:
        if part and size + len(line) > _OCTETS:
            yield b"".join(part)
            part, size = [], 0
        part.append(line)
        size += len(line)
    if part:
        yield b"".join(part)


@contextlib.contextmanager
def _answers() -> Iterator[None]:
    """What can't be the fault of one entry is of the store."""
    with store_errors():
        try:
            yield
        except TransportError as error:
            if error.status_code in (400, 404):
                raise refusal(error.status_code, error.info) from error
            raise


def _gone(generation: str) -> Unreachable:
    """Somebody has dropped it: it is made anew, or another process leads."""
    return Unreachable(f"The generation {generation} is not in OpenSearch any more.")
