"""The commands as an operator types them, with their exit codes: each of these in a process of its own too."""

import json
from pathlib import Path

import pytest

from tests.cli.shell import Shell

pytestmark = pytest.mark.long

DOCUMENT = {
    "doi": "10.1234/rain",
    "titles": [{"title": "Rain at the harbour"}],
    "creators": [{"name": "Holm, Ada"}],
    "publisher": "Harbour Institute",
    "publicationYear": 2024,
    "types": {"resourceTypeGeneral": "Dataset"},
}


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    shell = Shell(tmp_path_factory.mktemp("shell"))
    first = json.loads(shell.apart("init", "--admin", "admin@example.org", "--json"))
    assert first["password"]
    return shell


def test_init_is_safe_to_repeat(shell: Shell) -> None:
    again = json.loads(shell("init", "--admin", "admin@example.org", "--json"))
    assert "password" not in again


def test_objects_of_another_instance_are_refused_until_they_are_taken_over(tmp_path: Path) -> None:
    """As where a database is lost, and its back-up is restored beside the objects that are left."""
    for name in ("lost", "new"):
        (tmp_path / name).mkdir()
    lost, new = Shell(tmp_path / "lost"), Shell(tmp_path / "new")
    lost("init")
    lost("backup", "copy")
    there = {"COLOPHON_OBJECTS": f"file://{tmp_path}/lost/instance/objects"}
    for command in (("init",), ("status",), ("restore", f"{tmp_path}/lost/copy")):
        assert "colophon init --take-over" in new(*command, code=2, **there)
    new("init", "--take-over", **there)
    new("restore", f"{tmp_path}/lost/copy", **there)
    new("files", "check", "--sweep", **there)
    assert "belongs to another instance" in lost("files", "check", "--sweep", code=2)


def test_a_command_without_an_instance_says_what_to_run(tmp_path: Path) -> None:
    assert "colophon init" in Shell(tmp_path).apart("status", code=2)


def test_a_wrong_setting_is_named(shell: Shell) -> None:
    message = shell("status", code=2, COLOPHON_OAI_PAGE_SIZE="x")
    assert "oai.page_size" in message
    assert "COLOPHON_OAI_PAGE_SIZE" in message


def test_an_unreachable_database_is_exit_code_3(shell: Shell) -> None:
    url = "postgresql+psycopg://nobody@127.0.0.1:1/none"
    assert "does not answer" in shell.apart("status", code=3, COLOPHON_DATABASE=url)


def test_status_tells_which_stores_answer(shell: Shell, tmp_path: Path) -> None:
    stores = json.loads(shell("status", "--json"))["stores"]
    assert stores == {"database": "ok", "objects": "ok", "search": "ok", "graph": "ok", "sparql": "unreachable"}
    (tmp_path / "graph").write_text("no folder")
    told = shell("status", code=3, COLOPHON_GRAPH=f"oxigraph://{tmp_path}/graph")
    assert "stores: graph unreachable" in told
    assert "stores: objects ok" in told
    assert "does not answer as it should: graph" in told


def test_accounts_and_tokens_are_made(shell: Shell) -> None:
    assert "password" in shell("accounts", "create", "ada@example.org")
    said = shell.apart("accounts", "create", "eva@example.org", "--password-stdin", text="correct horse\n")
    assert "password" not in said
    assert len(shell("accounts", "token", "ada@example.org", "--name", "laptop").split()[-1]) >= 32
    assert "already" in shell("accounts", "create", "ada@example.org", code=2)
    assert "no account" in shell("accounts", "token", "nobody@example.org", code=2)


def test_import_export_show_and_removal(shell: Shell) -> None:
    (shell.folder / "documents.jsonl").write_text(
        json.dumps(DOCUMENT) + "\n" + json.dumps({**DOCUMENT, "doi": "10.1234/none", "creators": []}) + "\nbroken\n"
    )
    printed = shell.apart("records", "import", "documents.jsonl", "--refused", "refused.jsonl", "--json", code=1)
    done = json.loads(printed.splitlines()[0])
    assert (done["documents"], done["added"], done["refused"]) == (3, 1, 2)
    refused = [json.loads(line) for line in (shell.folder / "refused.jsonl").read_text().splitlines()]
    assert all(set(entry) == {"source", "field", "reason"} for entry in refused)
    assert "no communities" in shell("records", "import", "documents.jsonl", "--community", "x", code=2)
    exported = json.loads(shell("records", "export"))
    record_id = exported["id"]
    assert exported["pids"]["doi"]["identifier"] == "10.1234/rain"
    assert "<resource" in shell.apart("records", "export", record_id, "--format", "datacite-xml")
    assert json.loads(shell("records", "show", record_id))["metadata"]["title"] == "Rain at the harbour"
    shell("records", "withdraw", record_id, "--reason", "spam")
    assert shell("records", "export") == ""
    shell("records", "restore", record_id)
    shell("records", "erase", record_id, "--yes")
    assert "Record deleted" in shell("records", "show", record_id, code=2)


def test_documents_below_a_folder_are_named_by_their_path(shell: Shell) -> None:
    for folder in ("a", "b"):
        (shell.folder / "tree" / folder).mkdir(parents=True)
        (shell.folder / "tree" / folder / "one.json").write_text(json.dumps({**DOCUMENT, "doi": "", "creators": []}))
    shell("records", "import", "tree", "--refused", "tree.jsonl", code=1)
    sources = [json.loads(line)["source"] for line in (shell.folder / "tree.jsonl").read_text().splitlines()]
    assert sources == ["a/one.json", "b/one.json"]


def test_exported_datacite_xml_is_imported_as_the_same_record(shell: Shell) -> None:
    document = {**DOCUMENT, "doi": "10.1234/again", "subjects": [{"subject": "rain"}], "language": "cs"}
    (shell.folder / "again.json").write_text(json.dumps(document))
    shell("records", "import", "again.json")
    lines = [json.loads(line) for line in shell("records", "export").splitlines()]
    (before,) = [line for line in lines if line["pids"]["doi"]["identifier"] == "10.1234/again"]
    export = ("records", "export", before["id"], "--format", "datacite-xml")
    shell(*export, "--to", "first")
    done = json.loads(shell("records", "import", "first", "--json"))
    assert (done["revised"], done["added"], done["refused"]) == (1, 0, 0)
    shell(*export, "--to", "second")
    (first,), (second,) = ((shell.folder / name).iterdir() for name in ("first", "second"))
    assert second.read_bytes() == first.read_bytes()
    metadata = json.loads(shell("records", "show", before["id"]))["metadata"]
    assert [date["type"]["id"] for date in metadata.pop("dates")] == ["updated"]
    assert metadata == before["metadata"]


def test_records_that_can_t_be_had_in_a_format_are_named(shell: Shell) -> None:
    (shell.folder / "rain.json").write_text(json.dumps({**DOCUMENT, "doi": "10.1234/lacking"}))
    shell("records", "import", "rain.json", "--owner", "admin@example.org")
    lines = [json.loads(line) for line in shell("records", "export").splitlines()]
    (record_id,) = [line["id"] for line in lines if line["pids"]["doi"]["identifier"] == "10.1234/lacking"]
    said = shell("records", "export", "--format", "ccmm-xml", "--to", "out", record_id, code=1)
    assert f"{record_id} can't be had in ccmm-xml." in said
    assert not (shell.folder / "out").exists()
    shell("records", "export", "--format", "dcat", "--to", "out", record_id)
    assert [path.name for path in (shell.folder / "out").iterdir()] == [f"{record_id}.record.rdf"]


def test_words_are_printed_for_translators(shell: Shell) -> None:
    printed = shell("site", "words", "de")
    assert "nplurals=2" in printed
    assert 'msgctxt "sorts.newest"\nmsgid "Newest"\nmsgstr ""\n' in printed
    assert 'msgid "Newest"\nmsgstr "Nejnovější"\n' in shell("site", "words", "cs")


@pytest.mark.parametrize("command", [("serve",), ("site", "build")])
def test_a_language_without_words_is_refused_at_once(shell: Shell, command: tuple[str, ...]) -> None:
    said = shell.apart(*command, code=2, COLOPHON_SITE_LANGUAGES="en,de")
    assert "`colophon site words de` prints what has to be translated" in said
