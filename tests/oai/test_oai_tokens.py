"""Resumption tokens: nobody can make, change or misuse one."""

import base64
import hmac
import string
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from repository.oai import verbs
from repository.oai.errors import ProtocolError
from repository.oai.tokens import LIFETIME, Place, Tokens
from tests.oai.harvest_world import OAI, SECRET, World, code, make_settings, numbered

PLACE = Place("ListRecords", "oai_dc", "type:dataset", 100, 2_000, 100, 1_234, 12, 1_600_000_000)
NOW = 1_700_000_000
TOKENS = Tokens(SECRET)
TOKEN = TOKENS.write(PLACE, NOW + LIFETIME)
ALPHABET = string.ascii_letters + string.digits + "-_"


def refused(token: str, verb: str = "ListRecords", now: float = NOW, tokens: Tokens = TOKENS) -> bool:
    try:
        tokens.read(token, verb, now)  # type: ignore[arg-type]
    except ProtocolError as error:
        return error.code == "badResumptionToken"
    return False


def test_token_reads_back_as_written_until_it_expires() -> None:
    for later in (0, LIFETIME):
        assert TOKENS.read(TOKEN, "ListRecords", NOW + later) == PLACE
    assert refused(TOKEN, now=NOW + LIFETIME + 1)
    assert LIFETIME >= 24 * 3600


def test_token_needs_no_escaping_in_a_url_and_is_short() -> None:
    assert set(TOKEN) <= set(ALPHABET)
    assert len(TOKEN) < 160


def test_token_is_bound_to_its_verb() -> None:
    assert refused(TOKEN, "ListIdentifiers")
    assert refused(TOKEN, "ListSets")


def test_token_of_another_repository_is_refused() -> None:
    assert refused(TOKEN, tokens=Tokens(SECRET + "2"))


@given(st.integers(0, len(TOKEN) - 1), st.sampled_from(ALPHABET + "=+/ \n\x00ř"))
def test_token_with_one_other_character_is_refused(place: int, character: str) -> None:
    changed = TOKEN[:place] + character + TOKEN[place + 1 :]
    assert changed == TOKEN or refused(changed)


@given(st.integers(0, len(TOKEN) - 1), st.text(max_size=4))
def test_token_that_is_cut_or_lengthened_is_refused(place: int, more: str) -> None:
    assert refused(TOKEN[:place] + more) or TOKEN[:place] + more == TOKEN
    assert not more or refused(TOKEN + more)
    assert not more or refused(more + TOKEN)


@given(st.text())
def test_any_other_text_is_refused(text: str) -> None:
    assert refused(text)


def test_payload_alone_opens_nothing() -> None:
    payload = base64.urlsafe_b64decode(TOKEN + "==")[16:]
    for forged in (payload, b"\x00" * 16 + payload):
        assert refused(base64.urlsafe_b64encode(forged).rstrip(b"=").decode())


@pytest.fixture
def listed(world: World) -> World:
    world.put(*[numbered(number) for number in range(7)])
    world.clock.pass_(5)
    return world


def first_token(world: World, verb: str = "ListRecords") -> str:
    return world.ask(verb, metadataPrefix="oai_dc").findtext(f".//{OAI}resumptionToken", "")


def test_misused_tokens_are_told_so_by_the_provider(listed: World) -> None:
    token = first_token(listed)
    assert code(listed.ask("ListRecords", resumptionToken=token)) is None
    assert code(listed.ask("ListIdentifiers", resumptionToken=token)) == "badResumptionToken"
    assert code(listed.ask("ListSets", resumptionToken=token)) == "badResumptionToken"
    assert code(listed.ask("ListRecords", resumptionToken=token[:-1])) == "badResumptionToken"
    assert code(listed.ask("ListRecords", resumptionToken=token + "A")) == "badResumptionToken"


def test_token_is_good_for_a_day_and_more_and_then_expires(listed: World) -> None:
    token = first_token(listed)
    listed.clock.pass_(6 * 86_400)
    assert code(listed.ask("ListRecords", resumptionToken=token)) is None
    listed.clock.pass_(86_401)
    assert code(listed.ask("ListRecords", resumptionToken=token)) == "badResumptionToken"


def test_token_signed_with_another_secret_is_foreign(listed: World) -> None:
    token = first_token(listed)
    listed.use_settings(secret=SECRET[::-1])
    assert code(listed.ask("ListRecords", resumptionToken=token)) == "badResumptionToken"


def test_token_for_a_format_that_is_gone_is_refused(listed: World) -> None:
    token = first_token(listed)
    listed.formats = tuple(format_ for format_ in listed.formats if not format_.oai or format_.oai.prefix != "oai_dc")
    listed.use_settings()
    assert code(listed.ask("ListRecords", resumptionToken=token)) == "badResumptionToken"


def test_page_size_comes_from_the_settings(listed: World) -> None:
    assert make_settings(listed.folder, oai_page_size=100).oai_page_size == 100
    listed.page_size = 4
    listed.use_settings()
    assert [len(list(page.iter(f"{OAI}record"))) for page in listed.pages()] == [4, 3]


def test_a_response_ends_early_where_its_records_are_large(listed: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """And has one at least, however large that is."""
    listed.page_size = 4
    listed.use_settings()
    bodies = [len(etree.tostring(one)) for page in listed.pages() for one in page.iter(f"{OAI}record")]
    for most, expected in ((1, [1] * 7), (max(bodies) * 2, [2, 2, 2, 1]), (sum(bodies), [4, 3])):
        monkeypatch.setattr(verbs, "MOST_BYTES", most)
        pages = list(listed.pages())
        assert [len(list(page.iter(f"{OAI}record"))) for page in pages] == expected
        cursors = [int(token.get("cursor", "")) for page in pages for token in page.iter(f"{OAI}resumptionToken")]
        assert cursors == [sum(expected[:n]) for n in range(len(expected))]


def test_token_of_the_version_before_is_read() -> None:
    """It does not say where its list began, nor which end was named."""
    payload = b'["ListRecords","oai_dc","type:dataset",100,2000,100,1234,1700604800]'
    key = hmac.digest(SECRET.encode(), b"oai-pmh resumption tokens, layout 1", "sha256")
    token = base64.urlsafe_b64encode(hmac.digest(key, payload, "sha256")[:16] + payload).rstrip(b"=").decode()
    assert TOKENS.read(token, "ListRecords", NOW) == replace(PLACE, first=0, until=0)
