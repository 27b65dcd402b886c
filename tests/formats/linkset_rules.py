"""RFC 9264 as checks, and both forms of a linkset as the same set of links."""

import re
from typing import Any

import orjson
import rfc3987

Link = tuple[str, str, str, str, str]
"""Anchor, relation, target, media type, title."""
_STRINGS = {"type", "media", "title"}
"""Target attributes whose value is a text. Specified by: RFC 9264, 4.2.4.1."""
_MEMBER = re.compile(r'<([^<>"\s]+)>((?:; [a-z-]+="[^"\\]*")+)')
_PARAMETER = re.compile(r'; ([a-z-]+)="([^"\\]*)"')


def read_json(data: bytes) -> set[Link]:
    """Specified by: RFC 9264, 4.2."""
    document = orjson.loads(data)
    assert set(document) == {"linkset"}
    assert isinstance(document["linkset"], list)
    found: list[Link] = []
    for context in document["linkset"]:
        assert len(context) > 1, "a context has links"
        for relation, targets in context.items():
            if relation != "anchor":
                assert relation == relation.lower()
                assert isinstance(targets, list)
                assert targets
                found += [_target(context["anchor"], relation, target) for target in targets]
    return _distinct(found)


def _target(anchor: str, relation: str, target: dict[str, Any]) -> Link:
    assert set(target) <= {"href", *_STRINGS}
    assert all(isinstance(value, str) for value in target.values())
    return _checked((anchor, relation, target["href"], target.get("type", ""), target.get("title", "")))


def read_text(data: bytes) -> set[Link]:
    """Members of a field `Link`, a line each. Specified by: RFC 9264, 4.1; RFC 8288, 3."""
    found: list[Link] = []
    lines = data.decode("ascii").removesuffix("\n").split("\n")
    for number, line in enumerate(lines, 1):
        assert line.endswith(",") == (number < len(lines))
        match = _MEMBER.fullmatch(line.removesuffix(","))
        assert match, line
        parameters = dict(_PARAMETER.findall(match[2]))
        anchor, relation = parameters["anchor"], parameters["rel"]
        found.append(_checked((anchor, relation, match[1], parameters.get("type", ""), parameters.get("title", ""))))
    return _distinct(found)


def _checked(link: Link) -> Link:
    anchor, _relation, target, media_type, title = link
    for address in (anchor, target):
        assert rfc3987.match(address, rule="URI"), address
    assert re.fullmatch(r"|[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*", media_type)
    assert title.isprintable()
    return link


def _distinct(found: list[Link]) -> set[Link]:
    assert len(found) == len(set(found)), "a link is given once"
    return set(found)
