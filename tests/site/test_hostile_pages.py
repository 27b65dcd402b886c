"""Nothing that a record holds gets out of its place in a page, whatever it is."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from record_parts import file_entry, files
from snapshot_strategies import snapshots
from snapshots import full, hostile, minimal, with_metadata

from repository.records.snapshot import Snapshot
from repository.storage.database import Database
from site_builder.freezer import SiteFreezer
from tests.site.site_output import built, parsed, settings_in

SCHEMES = ("http://", "https://", "mailto:", "/", "#")
ELEMENTS_OF_RECORDS = {"a", "em", "strong", "p", "ul", "li", "b", "i", "br", "sub", "sup", "code", "pre"}
PAYLOADS = (
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "' onmouseover='alert(1)", "</title><script>",
    "javascript:alert(1)", "</script><script>alert(1)</script>", "<svg/onload=alert(1)>", "{{ 7 * 7 }}", "{% raw %}",
    "<!--", "]]>", "\x00\x07\x1b[31m", "&lt;script&gt;alert(1)&lt;/script&gt;",
)  # fmt: skip


@pytest.fixture(scope="module")
def freezer(tmp_path_factory: pytest.TempPathFactory) -> SiteFreezer:
    return SiteFreezer(settings_in(tmp_path_factory.mktemp("settings")), lambda state: state, lambda ids: {})


def check(data: bytes) -> Any:
    """A page in which only what we wrote is markup."""
    assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", data)
    page = parsed(data)
    for script in page.iter("script"):
        assert script.get("type") == "application/ld+json"
        orjson.loads(script.text)
    for element in page.iter():
        if isinstance(element.tag, str):
            is_ours = element.tag == "svg" and element.get("class") == "map"
            forbidden = ("iframe", "object", "embed", "img", "svg", "base", "style", "template")
            assert is_ours or element.tag not in forbidden
            assert not [name for name in element.attrib if name.startswith("on") or name == "style"], element.tag
            for name in ("href", "action", "src"):
                if name in element.attrib:
                    assert element.get(name).startswith(SCHEMES) or element.tag == "link", element.get(name)
                    assert not element.get(name).lower().startswith(("javascript:", "data:", "vbscript:"))
    for title in page.iter("title"):
        assert len(title) == 0
    assert len(page.xpath("//title")) <= 1 + len(page.find_class("map"))
    return page


def test_a_hostile_record(freezer: SiteFreezer) -> None:
    state = hostile()
    (record,) = freezer.records([state])
    page = check(record.files[0].data)
    shown = page.text_content()
    assert "<script>alert(1)</script>" in shown
    assert "{{x}} ${y} %s %zz" in shown
    names = [unquote(link.get("href")) for link in page.xpath("//table[@class='files']//td[1]/a")]
    keys = [name.removeprefix(f"/records/{state.id}/files/") for name in names]
    assert keys == sorted(key for key in state.files["entries"])
    assert record.listing is not None
    check(f"<title>x</title><ol>{record.listing.line}</ol>".encode())


@pytest.mark.parametrize("payload", PAYLOADS)
def test_payloads_in_every_text_and_file_name(freezer: SiteFreezer, payload: str) -> None:
    plain = full()
    (before,) = freezer.records([plain])
    entries = [file_entry(f"{payload}/{number}.csv") for number in range(2)]
    state = with_metadata(
        minimal(9, files=files(*entries), access=plain.access, custom_fields=_filled(plain.custom_fields, payload)),
        **_filled(plain.metadata, payload),
    )
    (record,) = freezer.records([state])
    page = check(record.files[0].data)
    expected = {element.tag for element in parsed(before.files[0].data).iter() if isinstance(element.tag, str)}
    assert {element.tag for element in page.iter() if isinstance(element.tag, str)} <= expected | ELEMENTS_OF_RECORDS


def _filled(value: Any, text: str) -> Any:
    """Every text of a JSON value but those that steer, with the payload behind it."""
    if isinstance(value, dict):
        steering = ("id", "scheme", "type", "publication_date", "date")
        return {
            name: inner if name in steering and isinstance(inner, str) else _filled(inner, text)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [_filled(inner, text) for inner in value]
    return f"{value} {text}" if isinstance(value, str) else value


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(snapshots())
def test_every_record_that_can_be_stored_has_a_page(freezer: SiteFreezer, state: Snapshot) -> None:
    (record,) = freezer.records([state])
    check(record.files[0].data)
    assert record.listing is not None


def test_lists_with_a_hostile_record(database: Database, tmp_path: Path) -> None:
    served = built(database, tmp_path, [hostile(), minimal(2)])
    for path, data in served.items():
        if path.endswith(".html"):
            check(data)
