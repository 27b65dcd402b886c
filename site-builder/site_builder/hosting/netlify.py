"""Headers and redirects of Netlify, and headers of Cloudflare Pages: files in the root of what is published.

Their rules go by folders and whole names, not by regular expressions, and fields of all rules that match are put
together: so no field may be in two of them. What they can't say is told in docs/deployment.md.
"""

from site_builder.freezer import TIMEMAP
from site_builder.hosting.facts import FROZEN, LIVE, Facts
from site_builder.hosting.words import commented, joined

SERVICE = "https://service.example.org"
_SAMPLE = "/records/:id"
_SAID = "Made by `colophon site rules`: not to be changed here. To lie in the root of what is published."
_EVERYWHERE = "/*"


def write_headers(facts: Facts) -> str:
    """For Netlify."""
    return _headers(facts, names_record=False)


def write_headers_with_records(facts: Facts) -> str:
    """For Cloudflare Pages, where a value may have the placeholder of its path: so links can name the record."""
    return _headers(facts, names_record=True)


def _headers(facts: Facts, *, names_record: bool) -> str:
    page = {**facts.sent("/index.html")}
    common = {name: page[name] for name in page if name not in ("Content-Type", "Cache-Control", "Vary", "Link")}
    blocks = [_block(_EVERYWHERE, common)]
    for name in (*(form.file_name for form in FROZEN), TIMEMAP):
        blocks.append(_block(f"{_SAMPLE}/{name}", _own(facts, f"/records/x/{name}", names_record=names_record)))
    landing = facts.sent("/records/x/index.html")
    if names_record:
        blocks.append(_block(_SAMPLE, {"Link": landing["Link"].replace("/records/x/", f"{_SAMPLE}/")}))
    named = [path for rule in facts.types for path in _alternatives(rule.path.strip("^$").replace("\\", ""))]
    for path in (path for path in named if not path.startswith("/records/")):
        beginning, _any, end = path.partition("[^/]+")
        one = f"{beginning}x{end}" if end else path
        blocks.append(_block(f"{beginning}*" if end else path, _own(facts, one, names_record=True)))
    blocks.append(_block("/static/*", {"Cache-Control": facts.sent("/static/x.css")["Cache-Control"]}))
    return joined(commented(_SAID), *blocks)


def write_redirects(facts: Facts) -> str:
    """Whatever is no file is the service's. A folder is no file: landing pages come before this."""
    lines = [
        f"{path}{rest}  {SERVICE}{path}{kept}  200!" for path in LIVE for rest, kept in (("", ""), ("/*", "/:splat"))
    ]
    lines += [f"/records/:id/files/*  {SERVICE}/records/:id/files/:splat  200!", f"/*  {SERVICE}/:splat  200"]
    said = f"{_SAID}\n{SERVICE} stands for the address of the service itself: write yours."
    return joined(commented(said), "\n".join(lines))


def _own(facts: Facts, path: str, *, names_record: bool) -> dict[str, str]:
    """What is said of one file alone."""
    sent = facts.sent(path)
    named = ("Content-Type", "Content-Profile", "Content-Disposition", *(("Link",) if names_record else ()))
    return {name: sent[name].replace("/records/x", _SAMPLE) for name in named if name in sent}


def _alternatives(path: str) -> list[str]:
    """`/schemas/(?:a|b)` as paths."""
    before, opened, rest = path.partition("(?:")
    return [before + one for one in rest.rstrip(")").split("|")] if opened else [path]


def _block(path: str, fields: dict[str, str]) -> str:
    return "\n".join((path, *(f"  {name}: {value}" for name, value in fields.items())))
