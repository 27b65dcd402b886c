"""The vocabularies as the readers know them, and the rules that what they make must pass."""

from collections import ChainMap
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest

from repository import vocabularies
from repository.errors import FieldError
from repository.formats.reading import Known, read
from repository.records import draft
from repository.records.deposit import Deposit, Refusal
from repository.records.snapshot import Json
from repository.records.vocabularies import Reference

Read = Callable[..., list[Deposit | Refusal]]


@pytest.fixture(scope="session")
def shipped() -> list[tuple[str, Json]]:
    """All terms of the vocabularies that are shipped, with their types."""
    return [(name, term) for name in vocabularies.available() for term in vocabularies.load(name)]


@pytest.fixture(scope="session")
def known_ids(shipped: list[tuple[str, Json]]) -> dict[Reference, Json]:
    return {(name, str(term["id"])): term for name, term in shipped}


@pytest.fixture
def known(shipped: list[tuple[str, Json]]) -> Known:
    return Known.from_terms(shipped)


@pytest.fixture
def problems(known_ids: dict[Reference, Json]) -> Callable[[Deposit], tuple[FieldError, ...]]:
    """What the rules for publishing have against a deposit, its own terms added first: nothing, if all is right."""
    rules = draft.Rules(today=date(2026, 11, 24), importing=True)

    def check(deposit: Deposit) -> tuple[FieldError, ...]:
        brought = {reference: {"id": reference[1], "name": name} for reference, name in deposit.terms.items()}
        terms = ChainMap(brought, known_ids)
        loaded = draft.load(deposit.body, None, terms, rules)
        return draft.merge(loaded.errors, draft.missing(loaded, rules))

    return check


@pytest.fixture
def read_file(tmp_path: Path, known: Known) -> Read:
    """Reads a file of the given content: bytes, text, or a JSON value."""

    def read_content(content: Any, *, fill_missing: bool = False) -> list[Deposit | Refusal]:
        path = tmp_path / "file"
        if isinstance(content, str):
            content = content.encode()
        path.write_bytes(content if isinstance(content, bytes) else orjson.dumps(content))
        return list(read(path, "file", known, fill_missing=fill_missing))

    return read_content


@pytest.fixture
def read_one(read_file: Read) -> Callable[..., Deposit]:
    """Reads a file that holds one document, which is taken."""

    def read_content(content: Any, *, fill_missing: bool = False) -> Deposit:
        (deposit,) = read_file(content, fill_missing=fill_missing)
        assert isinstance(deposit, Deposit), deposit
        return deposit

    return read_content
