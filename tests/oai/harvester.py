"""A harvester of one format, page by page, and what it must have in the end."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from lxml import etree

from repository.records.snapshot import Snapshot
from tests.oai.harvest_world import OAI, World, code, mark, numbered, suiting, withdrawn

PREFIXES = ("oai_dc", "ccmm-xml")
"""One in which every record can be had, and one in which not."""
_TITLE = re.compile(rb"Record \d+ of step \d+")


@dataclass(frozen=True)
class Page:
    response_date: str
    records: tuple[tuple[str, str], ...]
    """(record id, title); the title is empty where it is deleted."""
    token: str


Pager = Callable[[World, str, str], Page]
"""(world, from, token) → page; `from` and token may be empty."""


def by_tokens(prefix: str) -> Pager:
    """What this repository really does."""

    def pager(world: World, since: str, token: str) -> Page:
        arguments = {"resumptionToken": token} if token else {"metadataPrefix": prefix, "from": since}
        answer = world.ask("ListRecords", **{name: value for name, value in arguments.items() if value})
        assert code(answer) in (None, "noRecordsMatch")
        assert code(answer) is None or not token, "a list that was begun ends with a page"
        records = tuple((mark(record[0]).lstrip("!"), title_in(record)) for record in answer.iter(f"{OAI}record"))
        assert records or code(answer), "no page is empty"
        token_element = answer.findtext(f".//{OAI}resumptionToken") or ""
        return Page(answer.findtext(f"{OAI}responseDate", ""), records, token_element)

    return pager


def title_in(record: etree._Element) -> str:
    found = _TITLE.search(etree.tostring(record))
    assert (found is None) == (record[0].get("status") == "deleted")
    return found[0].decode() if found else ""


@dataclass
class Harvester:
    """Takes everything, then what has changed `from` the responseDate of its last visit."""

    world: World
    pager: Pager
    copy: dict[str, str] = field(default_factory=dict)
    since: str = ""
    next_since: str = ""
    token: str = ""
    seen: set[str] = field(default_factory=set)
    repeated: bool = False

    def page(self) -> None:
        page = self.pager(self.world, self.since, self.token)
        if not self.token:
            self.seen.clear()
            self.next_since = page.response_date
        for record_id, title in page.records:
            self.repeated |= record_id in self.seen
            self.seen.add(record_id)
            self.copy[record_id] = title
        self.token = page.token
        if not self.token:
            self.since = self.next_since

    def finish(self) -> None:
        self.page()
        while self.token:
            self.page()


ACTIONS = ("put", "bare", "withdraw")
"""A record that suits every format, one that does not, and one that is withdrawn if it is there."""


@dataclass
class Truth:
    """Prefix → record id → title, empty where it is deleted; what has never been in a format is not in it."""

    titles: dict[str, dict[str, str]] = field(default_factory=lambda: {prefix: {} for prefix in PREFIXES})

    def state(self, action: str, number: int, step: int) -> Snapshot:
        """The record after an action, which is noted."""
        title = f"Record {number} of step {step}"
        make = suiting if action == "put" else numbered
        state = make(number, description=f"step {step}")
        state = replace(state, metadata={**state.metadata, "title": title})
        everywhere, somewhere = (self.titles[prefix] for prefix in PREFIXES)
        if action == "withdraw" and state.id in everywhere:
            state, title = withdrawn(state), ""
        everywhere[state.id] = title
        if action == "put" or state.id in somewhere:
            somewhere[state.id] = title if action == "put" else ""
        return state
