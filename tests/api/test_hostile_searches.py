"""Searches that are meant to hurt: a 400 with a reason or an ordinary answer, soon."""

import random
import string
import time
from pathlib import Path

import pytest

from repository.search.documents import document
from repository.search.tantivy_index import TantivyIndex
from repository.services.instance import Instance
from tests.api.conftest import Caller
from tests.search.hostile import ANSWERED, REFUSED
from tests.search.kit import record

pytestmark = pytest.mark.both

SOON = 2.0
"""Seconds of the processor for one answer."""


@pytest.fixture
def crowded(instance: Instance) -> Instance:
    """An index with very many different words, many alike, and very long ones."""
    dice = random.Random(4)
    index = TantivyIndex(Path(instance.settings.search.removeprefix("tantivy://")))
    with index.leading():
        index.create("g1")
        entries = []
        for number in range(150):
            made = ["".join(dice.choices(string.ascii_lowercase, k=dice.randint(2, 12))) for _ in range(300)]
            alike = ["a" * dice.randint(1, 99) + dice.choice("ab") for _ in range(50)]
            entries.append(document(record(number, {"title": " ".join(alike), "description": " ".join(made)}), 1))
        index.write(entries, "g1")
        index.activate("g1")
    return instance


@pytest.mark.parametrize("accept", ["application/json", "application/vnd.inveniordm.v1+json"])
def test_hostile_searches_are_refused_or_answered_soon(crowded: Instance, anyone_calls: Caller, accept: str) -> None:
    for wanted, searches in ((400, REFUSED), (200, ANSWERED)):
        for name, asked in searches.items():
            before = time.process_time()
            answer = anyone_calls("GET", "records", query_string=asked, headers={"Accept": accept})
            spent = time.process_time() - before
            assert answer.status_code == wanted, (name, answer.text[:300])
            assert spent < SOON, (name, spent)
            if wanted == 400:
                assert answer.json["message"], name


def test_own_records_are_as_hard(crowded: Instance, owner_calls: Caller) -> None:
    for name, asked in {**REFUSED, **ANSWERED}.items():
        before = time.process_time()
        answer = owner_calls("GET", "user/records", query_string=asked)
        assert answer.status_code in (200, 400), (name, answer.text[:300])
        assert time.process_time() - before < SOON, name
