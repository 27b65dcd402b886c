"""A CloudFront function for the objects that `colophon site deploy s3://…` writes.

It is both: before the cache (viewer request) it weighs `Accept` as `ld/negotiation.py` does and names the object, or
chooses the service as the origin; after it (viewer response) it adds the headers that objects can't have.
Specified by: CloudFront Functions, JavaScript runtime 2.0.
"""

import json
import re
from functools import cache
from pathlib import Path

from repository.api.context import SESSION_COOKIE
from repository.formats import FORMATS
from repository.ld.negotiation import HTML
from site_builder.hosting.facts import LIVE, Facts
from site_builder.hosting.words import introduced
from site_builder.rendering import PERSONAL_ARGUMENTS

LARGEST = 10_240
"""Bytes of a function."""
ORIGIN = "colophon-service"
_HOW = f"""One function, for the events viewer request and viewer response of the default behaviour. The distribution
has two origins: the bucket, and the service by the id {ORIGIN}. See docs/deployment.md."""
_OF_OBJECT = ("Cache-Control", "Content-Disposition", "Content-Type")
"""What objects have themselves."""


def write(facts: Facts) -> str:
    return _program().replace("/* FACTS */", f"{introduced('CloudFront', _HOW, '//')}\n{_facts(facts)}")


@cache
def _program() -> str:
    """Without indentation and notes, for the sake of its size."""
    lines = (Path(__file__).parent / "cloudfront.js").read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in map(str.strip, lines) if line and not line.startswith("//")) + "\n"


def _facts(facts: Facts) -> str:
    plain = [form for form in FORMATS if ";" not in form.media_type]  # who names a profile is passed to the service
    offers = [(HTML.media_type, *HTML.accept), *((form.media_type, *form.accept) for form in plain)]
    absent = "|".join(re.escape(form.file_name) for form in FORMATS if not form.frozen)
    headers = {
        header.name.lower(): [*([rule.path, rule.value] for rule in header.rules), ["", header.otherwise]]
        for header in facts.headers
        if header.name not in _OF_OBJECT
    }
    said = {
        "ORIGIN": ORIGIN,
        "SESSION": SESSION_COOKIE,
        "PERSONAL": PERSONAL_ARGUMENTS,
        "LIVE": f"^(?:{'|'.join(LIVE)})(?:/|$)|^/records/[^/]+/(?:files/|(?:{absent})$)",
        "HIDDEN": facts.hidden,
        "DOCUMENT": facts.document,
        "BARE": facts.bare,
        "NEGOTIATED": facts.negotiated,
        "RECORD": facts.record,
        "OFFERS": [" ".join(name for name in offer if ";" not in name) for offer in offers],
        "FILES": [form.file_name if form.frozen else "" for form in plain],
        "ALWAYS": {name.lower(): value for name, value in facts.always},
        "HEADERS": headers,
    }
    return "\n".join(f"const {name} = {json.dumps(value, separators=(',', ':'))};" for name, value in said.items())
