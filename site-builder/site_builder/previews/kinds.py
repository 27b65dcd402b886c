"""KINDS: every way in which a file is shown, one line each."""

from functools import cache
from hashlib import sha256

from repository.formats.format import source_digest
from repository.records.snapshot import Json
from site_builder.previews import archives, pictures, preview, prose, tables, texts
from site_builder.previews.preview import Kind

KINDS: tuple[Kind, ...] = (pictures.KIND, tables.KIND, prose.KIND, archives.KIND, texts.KIND)
_BY_SUFFIX = {suffix: kind for kind in reversed(KINDS) for suffix in kind.suffixes}
_BY_MEDIA_TYPE = {media_type: kind for kind in reversed(KINDS) for media_type in kind.media_types}


def kind_of(entry: Json) -> Kind | None:
    """How a file of a record is shown, by the suffix of its name, else by its media type; None: not at all."""
    name, dot, suffix = entry["key"].rpartition("/")[2].rpartition(".")
    found = _BY_SUFFIX.get(suffix.lower()) if dot and name else None
    found = found or _BY_MEDIA_TYPE.get(entry.get("mimetype", "").partition(";")[0].strip().lower())
    return found if found and 0 < entry["size"] <= found.largest else None


@cache
def rules_of(kind: Kind) -> str:
    """Digest of the source by which previews of a kind are made, 12 digits."""
    sources = (source_digest(module) for module in (preview.__name__, *kind.modules))
    return sha256(" ".join(sources).encode()).hexdigest()[:12]
