"""MARC 21's rules beyond its XML schema, looked at through pymarc, which libraries read our records with."""

import io
import re

import pymarc
from snapshots import SITE

from repository.formats import marcxml
from repository.records.snapshot import Snapshot

ONCE = {
    "001", "003", "005", "008", "010", "018", "036", "038", "040", "042", "044", "045", "066", "100", "110", "111",
    "130", "240", "243", "245", "254", "256", "263", "306", "310", "357", "384", "507", "514", "841", "842", "844",
    "882",
}  # fmt: skip
"""Fields that a record has once at most."""
SINGLE = {
    "024": "a2", "040": "abce", "041": "2", "046": "klmn2", "100": "au", "110": "ab", "245": "abc", "246": "a",
    "250": "ab", "255": "abc", "336": "2", "337": "2", "338": "2", "347": "2", "502": "abcd", "504": "ab", "505": "a",
    "506": "a2", "520": "ab", "536": "a", "538": "a", "540": "a2", "542": "fg", "567": "a", "648": "a2", "650": "a2",
    "651": "a2", "655": "a2", "700": "au", "710": "a", "711": "aq", "765": "t", "773": "abdqtx7", "780": "t",
    "785": "t", "786": "t", "787": "t", "856": "3",
}  # fmt: skip
"""Subfields that a field has once at most."""
INDICATORS = {
    "020": "  ", "022": "  ", "024": ("01234578", " "), "034": ("013", " "), "040": "  ", "041": (" 01", " 7"),
    "046": (" 123", " "), "100": ("013", " "), "110": ("012", " "), "245": ("01", "0123456789"),
    "246": ("0123", " 012345678"), "250": (" 23", " "), "255": "  ", "264": (" 23", "01234"), "300": "  ",
    "336": "  ", "337": "  ", "338": "  ", "347": "  ", "490": ("01", " "), "500": "  ", "502": "  ", "504": "  ",
    "505": ("0128", " 0"), "506": (" 01", " "), "518": "  ", "520": (" 012348", " "), "536": "  ", "538": "  ",
    "540": "  ", "542": (" 01", " "), "546": "  ", "567": (" 8", " "), "648": (" 01", "01234567"),
    "650": (" 012", "01234567"), "651": (" ", "01234567"), "653": (" 012", " 0123456"), "655": (" 0", "01234567"),
    "700": ("013", " 2"), "710": ("012", " 2"), "711": ("012", " 2"), "753": "  ", "765": ("01", " 8"),
    "767": ("01", " 8"), "770": ("01", " 8"), "772": ("01", " 08"), "773": ("01", " 8"), "774": ("01", " 8"),
    "775": ("01", " 8"), "776": ("01", " 8"), "780": ("01", "01234567"), "785": ("01", "012345678"),
    "786": ("01", " 8"), "787": ("01", " 8"), "856": (" 012347", " 0123488"), "980": "  ",
}  # fmt: skip
"""Allowed first and second indicators."""
MATERIALS = {
    "a": "[ |a-p]{4}[ |abcdefgj][ |abcdfoqrs][ |0-9a-z]{4}[ |acfilmosuz][|01][|01][|01] [|0-9defhijmpsu][ |abcd]",
    "m": " {4}[ |abcdefgj][ |oq] {2}[|abcdefghijmuz] [ |acfilmosuz] {6}",
    "s": "[ |a-z][|nrux] [ |dghjlmnprstw][ |abcdefoqs][ |abcdfoqrs][ |0-9a-z][ |0-9a-z]{3}[ |acfilmosuz][|01] {3}"
    "[ |a-luz][|012]",
    "i": "[|a-z]{2}[|a-z][ |defnu][ |abcdefgj][ |abcdfoqrs][ |a-ikrsz]{6}[ |a-z]{2} [ |abcnu] ",
    "v": "(?:[0-9]{3}|nnn|---|\\|{3}) [ |abcdefgj] {5}[ |acfilmosuz][ |abcdfoqrs] {3}[|abcdfgiklmnopqrstvwz][|aclnuz]",
}
"""008/18-34 by the type of material; fields from MARC 21's tables."""


def parse(snapshot: Snapshot) -> pymarc.Record:
    """The one record of the document, as pymarc reads it."""
    (record,) = pymarc.parse_xml_to_array(io.BytesIO(marcxml.write(snapshot, SITE)))
    assert isinstance(record, pymarc.Record)
    return record


def check(record: pymarc.Record) -> None:
    """Fails where the record breaks a rule."""
    _check_control_fields(record)
    tags = [found.tag for found in record.fields]
    assert tags == sorted(tags)
    assert [tag for tag in ONCE if tags.count(tag) > 1] == []
    assert tags.count("245") == 1
    assert sum(tags.count(tag) for tag in ("100", "110", "111", "130")) <= 1
    assert record["245"].indicator1 == str(int("100" in tags or "110" in tags))
    assert int(record["245"].indicator2) < len(record["245"]["a"])
    for found in record.fields:
        if not found.is_control_field():
            _check_data_field(found)


def _check_control_fields(record: pymarc.Record) -> None:
    leader = str(record.leader)
    assert re.fullmatch(r"00000[cn][acdefgijkmoprt][abcdims] a22000007c 4500", leader)
    assert re.fullmatch(r"\d{14}\.0", record["005"].data)
    fixed = record["008"].data
    assert len(fixed) == 40
    assert re.fullmatch(r"\d{6}(?:[cdemst]\d{4}|nuuuu)(?:\d{4}|\d\d  | {4}|uuuu)[a-z]{2}[a-z ]", fixed[:18])
    kind, level = leader[6], leader[7]
    material = "s" if level in "si" else kind if kind in "ami" else "v"
    assert re.fullmatch(MATERIALS[material], fixed[18:35]), fixed[18:35]
    assert re.fullmatch(r"(?:[a-z]{3}| {3}) d", fixed[35:])
    for tag, length in (("006", 18), ("007", 14)):
        assert [len(found.data) for found in record.get_fields(tag)] in ([], [length])


def _check_data_field(found: pymarc.Field) -> None:
    first, second = INDICATORS[found.tag]
    assert found.indicator1 in first, found
    assert found.indicator2 in second, found
    codes = [code for code, _ in found.subfields]
    assert codes
    assert [code for code in SINGLE.get(found.tag, "") if codes.count(code) > 1] == []
    for _, value in found.subfields:
        assert value == value.strip() != ""
        assert not set("\n\t\x1d\x1e\x1f") & set(value)


def check_exchange(record: pymarc.Record) -> None:
    """ISO 2709, the form in which library systems load records, gives the same record back; if it is short enough."""
    data = record.as_marc()
    if len(data) < 99_999 and all(len(found.as_marc("utf-8")) < 9_999 for found in record.fields):
        back = pymarc.Record(data=data, to_unicode=True)
        assert [str(found) for found in back.fields] == [str(found) for found in record.fields]
