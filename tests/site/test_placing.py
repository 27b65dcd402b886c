"""Files of the site take the place of others whole."""

from pathlib import Path

import pytest

from site_builder import placing
from site_builder.output import Output


@pytest.mark.parametrize("can_exchange", [True, False])
def test_who_reads_a_file_reads_it_to_its_end_whatever_takes_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, can_exchange: bool
) -> None:
    if not can_exchange:
        monkeypatch.setattr(placing, "_renameat2", None)
    output = Output(tmp_path)
    with output.locked():
        output.create("g1")
        assert output.put("g1", "about/index.html", b"first")
        with (tmp_path / "g1/about/index.html").open("rb") as reading:
            for data in (b"second", b"third", b"fourth"):
                assert output.put("g1", "about/index.html", data)
                assert (tmp_path / "g1/about/index.html").read_bytes() == data
            assert reading.read() == b"first"
        assert list(output.unfinished.iterdir()) == []
