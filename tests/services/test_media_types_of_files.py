"""The media type by which a file is served is that of its bytes."""

import pytest

from repository.services.files import guess_mimetype


@pytest.mark.parametrize(
    ("key", "media_type"),
    [
        ("a.csv", "text/csv"),
        ("notes.md", "text/markdown"),
        ("a.csv.gz", "application/gzip"),
        ("a.tar.gz", "application/gzip"),
        ("a.tgz", "application/gzip"),
        ("a.nc.bz2", "application/x-bzip2"),
        ("a.tar.xz", "application/x-xz"),
        ("a.tar", "application/x-tar"),
        ("a.zip", "application/zip"),
        ("a.unheard-of", "application/octet-stream"),
    ],
)
def test_what_is_compressed_has_the_type_of_its_compression(key: str, media_type: str) -> None:
    assert guess_mimetype(key) == media_type
