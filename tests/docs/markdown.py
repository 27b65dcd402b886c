"""What the tests read in the documents: tables, headings, code blocks, links."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_CELLS = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of code; `output` is the `text` block that stands directly below it, if any."""

    language: str
    code: str
    output: str | None = None


def documents() -> tuple[Path, ...]:
    """Every document of the project, the two at the top included."""
    return (ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md")))


def text(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def section(document: str, heading: str) -> str:
    """What stands below a heading, up to the next one of the same level or above. Raises KeyError."""
    match = re.search(rf"^(#+) {re.escape(heading)}\n", document, re.MULTILINE)
    if match is None:
        raise KeyError(heading)
    rest = document[match.end() :]
    end = re.search(rf"^#{{1,{len(match[1])}}} ", rest, re.MULTILINE)
    return rest[: end.start()] if end else rest


def headings(document: str) -> list[str]:
    return re.findall(r"^#+ (.+)$", _FENCE.sub("", document), re.MULTILINE)


def rows(document: str, first_column: str) -> list[list[str]]:
    """The rows of all tables whose first column has this title; cells without the marks of code."""
    found: list[list[str]] = []
    wanted = False
    for line in document.splitlines():
        cells = [_plain(cell) for cell in _CELLS.split(line.strip())[1:-1]] if line.startswith("|") else []
        if not cells:
            wanted = False
        elif set("".join(cells)) <= set("-: "):
            continue
        elif wanted:
            found.append(cells)
        else:
            wanted = cells[0] == first_column
    return found


def blocks(document: str) -> Iterator[Block]:
    """Code in the order in which it stands; blocks of type `text` are outputs and come with the block above them."""
    fences = list(_FENCE.finditer(document))
    for number, fence in enumerate(fences):
        if fence[1] == "text":
            continue
        below = fences[number + 1] if number + 1 < len(fences) else None
        is_output = below is not None and below[1] == "text" and not document[fence.end() : below.start()].strip()
        yield Block(fence[1], fence[2], below[2] if below is not None and is_output else None)


def links(document: str) -> list[str]:
    return _LINK.findall(_FENCE.sub("", document))


def anchor(heading: str) -> str:
    """The fragment by which a heading is linked to."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _plain(cell: str) -> str:
    return cell.strip().replace("\\|", "|").replace("`", "")
