"""The documents name everything that there is, and nothing else.

A table that falls behind fails here, with what is missing from it and what it has too much.
"""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from flask import Flask

from repository.api import urls
from repository.auth.permissions import PERMISSIONS
from repository.cli import main
from repository.cli.serve import build_app
from repository.formats import FORMATS
from repository.formats.citation import STYLES
from repository.formats.reading import READERS
from repository.projections import PROJECTIONS
from repository.records.custom_fields import BUNDLES, KINDS, compile_fields
from repository.records.query_fields import FIELDS, SHORT
from repository.records.sets import SETS
from repository.search.engine import SORTS
from repository.search.facets import FACETS
from repository.services.instance import Instance
from repository.settings import SETTINGS
from site_builder import pages
from tests.docs.markdown import DOCS, ROOT, anchor, blocks, documents, headings, links, rows, section, text

DECISIONS = sorted((DOCS / "decisions").glob("*.md"))
UNIFORM = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")
AUTOMATIC = {"HEAD", "OPTIONS"}


# Tables against code


def test_settings_table_is_the_table_of_the_code() -> None:
    documented = {row[0]: tuple(row[1:3]) for row in rows(text("settings.md"), "setting")}
    actual = {setting.name: (setting.variable, setting.default_text.replace("`", "")) for setting in SETTINGS}
    assert documented == actual


def test_every_setting_is_explained() -> None:
    for row in rows(text("settings.md"), "setting"):
        assert len(row[3]) > 10, row


def test_kinds_and_keys_of_custom_fields_are_documented() -> None:
    documented = {row[0]: row[1] for row in rows(text("settings.md"), "key")}
    assert set(documented) == {"name", "kind", "multiple", "vocabulary", "label", "facet"}
    assert documented["kind"].split(", ") == list(KINDS)
    example = tomllib.loads(next(block.code for block in blocks(text("settings.md")) if "custom_fields" in block.code))
    assert set(example["custom_fields"][0]) == set(documented)
    assert set(compile_fields(example["custom_fields"])) == {*BUNDLES, example["custom_fields"][0]["name"]}


def routes(app: Flask) -> set[tuple[str, str]]:
    """(method, path) of every rule of the application; parameters without their converters."""
    return {
        (method, UNIFORM.sub(r"<\1>", rule.rule))
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - AUTOMATIC
    }


def documented_routes() -> set[tuple[str, str]]:
    return {(method, row[1]) for row in rows(text("urls.md"), "method") for method in row[0].split()}


def test_every_url_is_documented_and_no_other(instance: Instance) -> None:
    actual, documented = routes(build_app(instance)), documented_routes()
    assert sorted(actual - documented) == [], "not in docs/urls.md"
    assert sorted(documented - actual) == [], "in docs/urls.md, but there is no such route"


def test_urls_are_documented_with_the_words_of_the_code() -> None:
    documented = {(row[0], row[1]): row[2] for row in rows(text("urls.md"), "method")}
    actual = [("/api" + route.path, route.methods, route.does) for route in urls.ROUTES]
    actual += [(route.path, route.methods, route.does) for route in pages.ROUTES]
    for path, methods, does in actual:
        key = (" ".join(methods), UNIFORM.sub(r"<\1>", path))
        assert documented.get(key) == does.replace("`", ""), key


def test_formats_table_is_the_table_of_the_code() -> None:
    documented = {row[0]: row[2:6] for row in rows(text("formats.md"), "name")}
    actual = {
        format_.name: [
            format_.media_type,
            format_.file_name,
            "yes" if format_.frozen else "no",
            format_.oai.prefix if format_.oai else "",
        ]
        for format_ in FORMATS
    }
    assert documented == actual


def test_further_media_types_are_documented() -> None:
    documented = {row[0]: row[1] for row in rows(text("formats.md"), "also accepted")}
    assert documented == {media_type: format_.name for format_ in FORMATS for media_type in format_.accept}


def test_styles_of_citations_are_documented() -> None:
    documented = [name for row in rows(text("formats.md"), "style") for name in row[0].split(", ")]
    assert sorted(documented) == sorted(STYLES)


def test_formats_of_lists_are_documented() -> None:
    said = section(text("formats.md"), "Lists")
    for format_ in FORMATS:
        assert (f"`{format_.name}`" in said) == (format_.write_list is not None), format_.name


def test_oai_prefixes_are_documented() -> None:
    documented = {row[0]: tuple(row[1:3]) for row in rows(text("formats.md"), "prefix")}
    assert documented == {
        format_.oai.prefix: (format_.oai.namespace, format_.oai.schema) for format_ in FORMATS if format_.oai
    }


def test_oai_sets_are_documented() -> None:
    documented = {row[0] for row in rows(text("formats.md"), "set")}
    assert documented == {f"{one.spec}:<key>" if one.child_description else one.spec for one in SETS}


def test_formats_that_are_read_are_documented() -> None:
    assert [row[0] for row in rows(text("formats.md"), "read")] == [reader.name for reader in READERS]


def test_projections_are_documented() -> None:
    assert [row[0] for row in rows(text("projections.md"), "projection")] == list(PROJECTIONS)


def test_permissions_are_documented_with_their_predicates() -> None:
    documented = {row[0]: row[1] for row in rows(text("operator-guide.md"), "action")}
    assert documented == {action: predicate.__name__ for action, predicate in PERMISSIONS.items()}


def test_predicates_of_permissions_are_explained() -> None:
    documented = {row[0] for row in rows(text("operator-guide.md"), "predicate")}
    assert documented == {predicate.__name__ for predicate in PERMISSIONS.values()}


def test_query_fields_are_documented_with_their_kinds() -> None:
    documented = {row[0]: row[1] for row in rows(text("query-fields.md"), "field")}
    assert documented == dict(FIELDS)


def test_short_names_of_query_fields_are_documented() -> None:
    documented = {row[0]: row[1].split() for row in rows(text("query-fields.md"), "short name")}
    assert documented == {name: list(paths) for name, paths in SHORT.items()}


def test_facets_and_sorts_are_documented() -> None:
    guide = text("user-guide.md")
    assert {row[0] for row in rows(guide, "facet")} == set(FACETS)
    assert {row[0] for row in rows(guide, "sort")} == {*SORTS, "bestmatch"}


# Commands


def commands() -> dict[str, click.Command]:
    """Every command that is no group, by its whole name."""
    found: dict[str, click.Command] = {}

    def walk(command: click.Command, name: str) -> None:
        if isinstance(command, click.Group):
            for inner_name, inner in subcommands(command).items():
                walk(inner, f"{name} {inner_name}")
        else:
            found[name] = command

    walk(main, "colophon")
    return found


def subcommands(group: click.Group) -> dict[str, click.Command]:
    context = click.Context(group)
    found = {name: group.get_command(context, name) for name in group.list_commands(context)}
    return {name: command for name, command in found.items() if command is not None}


def parameters(command: click.Command) -> Iterator[str]:
    for parameter in command.params:
        if isinstance(parameter, click.Argument):
            yield parameter.human_readable_name
        else:
            yield from (*parameter.opts, *parameter.secondary_opts)


def test_every_command_has_its_section_and_no_other() -> None:
    documented = [heading for heading in headings(text("commands.md")) if heading.startswith("`colophon ")]
    assert sorted(heading.strip("`") for heading in documented) == sorted(commands())


@pytest.mark.parametrize("name", commands())
def test_every_option_and_argument_is_documented(name: str) -> None:
    part = section(text("commands.md"), f"`{name}`")
    documented = [row[0].split()[0].rstrip("…") for row in rows(part, "option")]
    assert sorted(documented) == sorted(parameters(commands()[name]))


# The house


def test_decisions_are_numbered_one_after_the_other() -> None:
    names = [path.name for path in DECISIONS]
    assert names
    for number, name in enumerate(names, 1):
        assert re.fullmatch(rf"{number:04}(-[a-z0-9]+)+\.md", name), name


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_says_context_decision_and_consequences(path: Path) -> None:
    document = path.read_text(encoding="utf-8")
    assert document.startswith(f"# {path.name[:4]} ")
    assert headings(document)[1:] == ["Context", "Decision", "Consequences"]


def test_decisions_are_listed() -> None:
    listed = links(section(text("architecture.md"), "Decisions"))
    assert listed == [f"decisions/{path.name}" for path in DECISIONS]


def test_every_document_can_be_reached_from_the_readme() -> None:
    reached: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        path = waiting.pop()
        if path in reached or path.suffix != ".md" or not path.exists():
            continue
        reached.add(path)
        waiting += [found for link in links(path.read_text(encoding="utf-8")) if (found := target(path, link))]
    assert sorted(set(documents()) - reached) == []


def target(path: Path, link: str) -> Path | None:
    """The file that a link of a document leads to; None for one that leads out of the project."""
    if re.match(r"[a-z]+:", link):
        return None
    name = link.partition("#")[0]
    return (path.parent / name).resolve() if name else path


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.name)
def test_links_between_documents_lead_somewhere(path: Path) -> None:
    for link in links(path.read_text(encoding="utf-8")):
        found = target(path, link)
        if found is None:
            continue
        assert found.exists(), link
        fragment = link.partition("#")[2]
        if fragment:
            assert fragment in {anchor(heading) for heading in headings(found.read_text(encoding="utf-8"))}, link


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.name)
def test_documents_name_no_path_of_some_machine(path: Path) -> None:
    found = re.findall(r"(?<![\w.:/])/(?:work|tmp|root|home)/\S*", path.read_text(encoding="utf-8"))
    assert found == []


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.name)
def test_commands_in_documents_exist(path: Path) -> None:
    """`colophon …` in code, wherever it stands: the words up to the first option or argument are a command."""
    document = path.read_text(encoding="utf-8")
    code = [block.code for block in blocks(document)] + re.findall(r"`([^`\n]+)`", document)
    for line in "\n".join(code).splitlines():
        match = re.search(r"(?<![\w.@/-])colophon((?: [a-z]+)*)(?= |$)", line)
        if match and match[1]:
            assert is_command(match[1].split()), line


def is_command(words: list[str]) -> bool:
    command: click.Command = main
    for word in words:
        if not isinstance(command, click.Group):
            return True
        inner = subcommands(command).get(word)
        if inner is None:
            return False
        command = inner
    return True


def test_settings_in_the_guides_exist() -> None:
    settings = {setting.name for setting in SETTINGS}
    families = {name.partition(".")[0] for name in settings if "." in name}
    for path in documents():
        for word in re.findall(r"`([a-z]+\.[a-z_]+)`", path.read_text(encoding="utf-8")):
            is_other = word in FIELDS or word in SHORT or word.endswith((".py", ".txt"))
            if word.partition(".")[0] in families and not is_other:
                assert word in settings, f"{path.name}: {word}"


def test_variables_in_the_documents_exist() -> None:
    known = {"COLOPHON_HOME", *(setting.variable for setting in SETTINGS)}
    for path in documents():
        for word in re.findall(r"\bCOLOPHON_[A-Z_]+\b", path.read_text(encoding="utf-8")):
            assert word in known, f"{path.name}: {word}"


def test_readme_names_the_two_commands() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for command in ("make demo", "make test"):
        assert command in readme


def test_changelog_has_a_place_for_what_is_new() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "Unreleased" in changelog
    assert section(changelog, "[Unreleased]").strip()
