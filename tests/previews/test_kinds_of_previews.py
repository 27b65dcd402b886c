"""What is shown of a file, by its bytes: real files, and such as are made to do harm."""

import io
import struct
import time
import zipfile
from pathlib import Path

import pytest
from lxml import html

from site_builder.previews import archives, decoding, tables
from site_builder.previews.kinds import KINDS, kind_of
from site_builder.previews.preview import BEGINNING, HTML, NOTHING, Preview
from tests.previews.opened_files import Bytes, corpus, entry, previewed

CZECH = "Příliš žluťoučký kůň úpěl ďábelské ódy, šťastně a těžce; žár, Šumava, Ťapka, Žatec.\n" * 3


def cells(preview: Preview) -> list[list[str]]:
    """Of a table: the head first."""
    table = html.fromstring(f"<table>{preview.html}</table>")
    return [[cell.text_content() for cell in row] for row in table.iter("tr")]


def of_corpus(shared: Path, name: str) -> Preview:
    return previewed(name, (corpus(shared) / name).read_bytes())


def test_tables_of_the_corpus(shared: Path) -> None:
    read = of_corpus(shared, "csv_utf8.csv")
    assert cells(read) == [
        ["id", "name", "value"], ["1", "Žluťoučký kůň", "1.5"], ["2", 'multi line, quoted "cell"', ""],
        ["3", "東京", "-2e-3"],
    ]  # fmt: skip
    assert (read.shown, read.total, read.columns, read.is_whole) == (3, 3, 3, True)
    assert cells(of_corpus(shared, "tsv_plain.tsv"))[2] == ["TP53", "NA", "NaN"]
    assert cells(of_corpus(shared, "csv_header_only.csv")) == [["id", "value"]]
    assert cells(of_corpus(shared, "csv_formula_injection.csv"))[1][0].startswith("=HYPERLINK(")
    assert 'th scope="col"' in read.html


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_any_usual_separator_is_found(separator: str) -> None:
    rows = [["day", "mm, measured", "note"], ["1", "2,5", "dry; calm"], ["2", "0", "rain"]]
    quoted = [[f'"{cell}"' if any(mark in cell for mark in ",;\t|") else cell for cell in row] for row in rows]
    data = "\r\n".join(separator.join(row) for row in quoted).encode()
    assert cells(previewed("a.csv", data)) == rows


def test_of_a_long_table_the_first_rows_and_columns_are_shown() -> None:
    data = b"".join(b",".join(b"%d" % (row * 50 + column) for column in range(50)) + b"\n" for row in range(5000))
    read = previewed("a.csv", data)
    assert cells(read)[0] == ["1", "2", "3", "4", "5", "6", "7", "8"], "numbers are no names of columns"
    assert cells(read)[10] == [str(9 * 50 + column) for column in range(8)]
    assert (read.shown, read.total, read.columns, read.columns_total, read.is_whole) == (10, 0, 8, 50, False)
    small = previewed("a.csv", b"a,b\n" + b"1,2\n" * 25)
    assert (small.shown, small.total, small.is_whole) == (10, 25, False)


def test_the_last_row_of_what_was_read_is_shown_only_if_it_is_whole() -> None:
    data = b"a,b\n1,2\n3,4"
    assert cells(tables.preview(data, is_whole=True))[-1] == ["3", "4"]
    assert cells(tables.preview(data, is_whole=False))[-1] == ["1", "2"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1250", "iso8859_2"])
def test_czech_text_is_read_in_the_encodings_that_it_comes_in(encoding: str) -> None:
    marks = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}
    data = marks.get(encoding, b"") + CZECH.encode(encoding)
    assert decoding.decoded(data, is_whole=True) == CZECH


def test_other_languages_in_one_byte_are_read() -> None:
    french = "« Déjà vu », dit l'élève; où êtes-vous? Ça coûte 5 €, très cher.\n" * 5
    assert decoding.decoded(french.encode("cp1252"), is_whole=True) == french
    german = "Für die Größe der Straße gilt: über 5 °C wächst es schöner.\n"
    assert decoding.decoded(german.encode("iso8859_1"), is_whole=True) == german
    polish = "Zażółć gęślą jaźń, źdźbło; mąka, pościel, książka, święto, łódź.\n" * 5
    assert decoding.decoded(polish.encode("cp1250"), is_whole=True) == polish


def test_a_character_that_is_cut_off_is_left_out() -> None:
    data = "přehled".encode()[:3]
    assert decoding.decoded(data[:2], is_whole=False) == "p"
    assert decoding.decoded(data, is_whole=False) == "př"


def test_markdown_is_set_as_prose_and_cannot_do_harm(shared: Path) -> None:
    source = (
        "# Rain\n\nMeasured *daily*, see [the paper](https://doi.org/10.1/x) and [a file](data/a.csv).\n\n"
        "| day | mm |\n|---|---|\n| 1 | 2 |\n\n<script>alert(1)</script>\n\n[x](javascript:alert(1))\n\n"
        "![tracker](https://example.org/t.png) <img src=x onerror=alert(1)> <b onclick=alert(1)>b</b>\n"
    )
    read = previewed("README.md", source.encode())
    page = html.fromstring(f"<div>{read.html}</div>")
    assert page.xpath("string(.//h3)") == "Rain"
    assert page.xpath("string(.//em)") == "daily"
    assert [link.get("href") for link in page.iter("a")] == ["https://doi.org/10.1/x"]
    assert page.xpath("string(.//td)") == "1"
    tags = {element.tag for element in page.iter()}
    assert not tags & {"script", "img", "iframe", "style", "h1", "h2"}
    assert not [name for element in page.iter() for name in element.attrib if name not in ("href", "title")]
    assert read.is_whole


def test_of_a_long_text_the_beginning_is_shown() -> None:
    data = b"".join(b"line %d\n" % number for number in range(1000))
    read = previewed("notes.txt", data)
    assert read.html.splitlines() == [f"line {number}" for number in range(30)]
    assert not read.is_whole
    assert previewed("notes.txt", b"<b>&amp;\n").html == "&lt;b&gt;&amp;amp;"
    prose = previewed("notes.md", b"A paragraph of words.\n\n" * 500)
    assert prose.html.startswith("<p>A paragraph of words.</p>")
    assert not prose.is_whole
    assert previewed("notes.txt", b"whole\n").is_whole


def test_archives_of_the_corpus_are_listed(shared: Path) -> None:
    read = of_corpus(shared, "zip_software.zip")
    with zipfile.ZipFile(corpus(shared) / "zip_software.zip") as archive:
        files = [(each.filename, each.file_size) for each in archive.infolist() if not each.is_dir()]
    assert [*read.entries] == files
    assert (read.total, read.octets) == (len(files), sum(size for _name, size in files))
    assert of_corpus(shared, "zip_bomb_40MB.zip").octets == 40_000_000
    assert len(of_corpus(shared, "zip_names.zip").entries) == 10
    assert any(name.startswith("../") for name, _size in of_corpus(shared, "zip_traversal.zip").entries)
    assert of_corpus(shared, "zip_truncated.zip") == NOTHING


def test_of_an_archive_only_its_directory_is_read() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("large.bin", bytes(5_000_000))
        for number in range(500):
            archive.writestr(f"folder/{number}.txt", b"x")
    file = Bytes(packed.getvalue())
    read = archives.preview(len(file.data), file.read)
    assert (read.shown, read.total, read.octets, read.is_whole) == (20, 501, 5_000_500, False)
    assert file.octets_read < 200_000


def test_an_archive_of_a_million_entries_is_not_read() -> None:
    name = b"a" * 20
    one = struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, 0, 0, 0, 0, 1, 1, len(name), 0, 0, 0, 0, 0, 0) + name
    number = 1_000_000
    size = len(one) * number
    large = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, number, number, size, 0)
    large += struct.pack("<4sLQL", b"PK\6\7", 0, size, 1)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    file = Bytes(one * number + large + end)
    assert archives.preview(len(file.data), file.read) == NOTHING
    assert file.octets_read < 300_000


HOSTILE: dict[str, bytes] = {
    "one line.csv": b"a," * 5_000_000,
    "quote.csv": b'"' + b"a,b\n" * 100_000,
    "columns.csv": b"," * 60_000 + b"\n" + b"1," * 60_000,
    "nul.csv": b"a,b\n1,\x002\n",
    "binary.txt": bytes(range(256)) * 10,
    "spaces.txt": b" \n" * 10_000,
    "line.txt": b"x" * 10_000_000,
    "line.md": b"*" * 100_000,
    "nested.md": b"> " * 30_000 + b"x",
    "brackets.md": b"[" * 2_400 + b"\n" + b"](" * 1_000,
    "emphasis.md": b"*a_ " * 600,
    "links.md": b"[a](b" * 500,
    "entities.md": b"&amp;" * 480,
    "table.md": b"|a" * 400 + b"\n" + b"|-" * 400 + b"\n" + b"|b" * 400,
    "mark.txt": b"\xff\xfe\x00",
    "odd.txt": b"\xff\xfea\x00b",
    "controls.txt": b"\x1b[31mred\x1b[0m\n",
    "empty.zip": b"PK\5\6" + bytes(18),
    "no.zip": b"PK" * 1000,
    "far.zip": struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, 46, 0xFFFFFFF0, 0),
    "large.zip": struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 9, 9, 0xFFFFFFF0, 0, 0),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_made_to_do_harm_is_not_shown_or_stays_small(name: str) -> None:
    begin = time.process_time()
    read = previewed(name, HOSTILE[name])
    assert read.weight <= HTML + 1_000
    assert not set(read.html) & {*map(chr, range(9)), "\x0b", "\x1b"}
    assert time.process_time() - begin < 5, "it grows faster than what is read"


def test_texts_are_read_to_a_limit_whatever_their_size() -> None:
    for name in ("a.csv", "a.txt", "a.md"):
        file = Bytes(b"a,b\n" * 1_000_000)
        kind = kind_of(entry(name, file.data))
        assert kind is not None
        kind.make(file.opened(), lambda _data: NOTHING)
        assert file.parts == [(0, BEGINNING)]


def test_kinds_go_by_name_and_then_by_media_type() -> None:
    def name(key: str, media_type: str = "", size: int = 9) -> str:
        found = kind_of({"key": key, "size": size, "mimetype": media_type})
        return found.name if found else ""

    assert [name(key) for key in ("a.CSV", "b/c.tsv", "README.md", "x.zip", "x.JPeG", "x.py", "x.tif")] == [
        "table", "table", "prose", "archive", "picture", "text", "picture",
    ]  # fmt: skip
    assert [name(key) for key in ("x.pdf", "x.svg", "x.html", "x.gz", "csv", ".csv", "a.csv/b", "x.exe")] == [""] * 8
    assert name("readings", "text/csv; charset=utf-8") == "table"
    assert name("a.txt", size=0) == ""
    assert name("a.png", size=60_000_000) == ""
    assert len({kind.name for kind in KINDS}) == len(KINDS)
    assert all(kind.name.isalpha() and kind.name.islower() for kind in KINDS)
