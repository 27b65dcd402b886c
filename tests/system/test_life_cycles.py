"""Whatever happens to records, and whenever readers run: what they show equals what a rebuild from nothing shows."""

import itertools
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from structlog.testing import capture_logs

from repository.errors import Forbidden, Gone, InvalidInput, NotFound
from repository.following import ask, request
from repository.projections import NAMES
from repository.records.deposit import Deposit
from repository.records.snapshot import Json
from repository.records.visibility import SYSTEM
from repository.services import drafts, editions, embargoes, publishing, sharing, uploads, withdrawal
from repository.services.importing import import_documents
from repository.services.instance import Instance
from repository.storage import changes
from tests.instances import METADATA, add_files
from tests.servers.scaled import ScaledSet
from tests.system.beginnings import NGO, Template, assert_equal, make_beginning, opened, run
from tests.system.contents import CONTENTS
from tests.system.stored import assert_log_is_complete
from tests.wholeness import from_nothing

pytestmark = pytest.mark.long

REFUSED = (NotFound, Forbidden, Gone, InvalidInput)
"""What a service answers to an act that the record's state does not allow."""
_PROFILES: dict[str, dict[str, Any]] = {
    "check": {"max_examples": 8, "stateful_step_count": 30, "phases": (Phase.explicit, Phase.reuse, Phase.generate)},
    "long": {"max_examples": 300, "stateful_step_count": 60},
}
"""HYPOTHESIS_PROFILE chooses; only the long one takes the time to make a failure smaller."""

TITLES = st.sampled_from(("Rain", "Rain and snow", "Příval sněhu", "Wind < <b>storm</b> & tide", "مطر على الميناء"))
KEYS = st.sampled_from(("a.csv", "photo.png", "dir/read me.txt"))
CONTENT = st.sampled_from((b"a,b\n1,2\n", b"same bytes", b""))
OPENNESS = (("public", "public"), ("public", "restricted"), ("restricted", "restricted"))
"""Of a record and of its files."""
WHICH = st.integers(0, 1 << 16)
"""Chooses one of those that there are."""
METADATA_PARTS = st.fixed_dictionaries(
    {
        "title": TITLES,
        "resource_type": st.sampled_from(("dataset", "software", "publication-article")).map(lambda id_: {"id": id_}),
        "publication_date": st.sampled_from(("2020", "2020-02", "2021/2022", "2024-02-29", "1999-12-31")),
    },
    optional={
        "description": st.sampled_from(("<p>About rain</p>", "On <em>snow</em>")),
        "version": st.sampled_from(("v1", "2.0")),
        "creators": st.just(NGO),
    },
)


@st.composite
def access(draw: st.DrawFn) -> Json:
    record, files = draw(st.sampled_from(OPENNESS))
    made: Json = {"record": record, "files": files}
    days = draw(st.sampled_from((0, 0, 3, 20)))
    if days and files == "restricted":
        until = embargoes.today() + timedelta(days=days)
        made["embargo"] = {"active": True, "until": until.isoformat()}
    return made


@st.composite
def bodies(draw: st.DrawFn) -> Json:
    return {"metadata": {**METADATA, **draw(METADATA_PARTS)}, "access": draw(access())}


FILES = st.dictionaries(KEYS, CONTENT, max_size=2)


class LifeCycles(RuleBasedStateMachine):
    """People, an operator, an importer and the clock at work on one repository."""

    template: Template

    @initialize()
    def open(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="colophon-cycles-"))
        self.instance = self.begun()
        self.viewers = self.template.viewers
        self.records = list(self.template.records)
        self.erased: set[str] = set()
        self.drafts: list[str] = []
        self.day = embargoes.today()
        self.numbers = itertools.count()
        self.read_to = dict.fromkeys(NAMES, self.head())

    def begun(self) -> Instance:
        shutil.copytree(self.template.home, self.folder / "live", symlinks=True)
        return opened(self.folder / "live")

    def teardown(self) -> None:
        if hasattr(self, "instance"):
            try:
                self.compare()
            finally:
                self.instance.close()
                shutil.rmtree(self.folder)

    def compare(self) -> None:
        assert_log_is_complete(self.instance)
        self.read(NAMES)
        (self.folder / "fresh").mkdir()
        fresh = from_nothing(self.instance, self.folder / "fresh")
        try:
            run(fresh, NAMES)
            for name, contents in CONTENTS.items():
                assert_equal(name, self.instance, contents(self.instance), contents(fresh))
        finally:
            fresh.close()

    def read(self, names: tuple[str, ...]) -> None:
        run(self.instance, names)
        self.read_to |= dict.fromkeys(names, self.head())

    def head(self) -> int:
        with self.instance.database.read() as connection:
            return changes.head(connection)

    def has_news(self) -> bool:
        """For all readers: else they would only be started again and again."""
        return self.head() > max(self.read_to.values())

    def attempt(self, act: Callable[[], Any]) -> Any:
        """What the act gives, or None if the service refuses it."""
        try:
            return act()
        except REFUSED:
            return None

    def fill(self, draft_id: str, files: dict[str, bytes]) -> None:
        if files:
            add_files(self.instance, self.viewers[0], draft_id, files)

    def publish(self, draft_id: str) -> None:
        published = self.attempt(lambda: publishing.publish(self.instance, SYSTEM, draft_id))
        if published and published.id not in self.records:
            self.records.append(published.id)

    @rule(body=bodies(), files=FILES)
    def deposit(self, body: Json, files: dict[str, bytes]) -> None:
        doi = {"doi": {"identifier": f"10.1234/{next(self.numbers)}", "provider": "external"}}
        sent = {**body, "files": {"enabled": bool(files)}, "pids": doi if len(files) == 1 else {}}
        draft = drafts.create(self.instance, self.viewers[0], sent)
        self.fill(draft.id, files)
        self.publish(draft.id)
        assert draft.id in self.records

    @rule(body=bodies(), complete=st.booleans())
    def begin(self, body: Json, complete: bool) -> None:
        sent = {**body, "files": {"enabled": True}} if complete else {"metadata": {"title": "Begun"}}
        self.drafts.append(drafts.create(self.instance, self.viewers[0], sent).id)

    @precondition(lambda self: self.drafts)
    @rule(which=WHICH, body=bodies(), enabled=st.booleans())
    def save(self, which: int, body: Json, enabled: bool) -> None:
        draft_id = self.drafts[which % len(self.drafts)]
        sent = {**body, "files": {"enabled": enabled}}
        self.attempt(lambda: drafts.save(self.instance, self.viewers[0], draft_id, sent))

    @precondition(lambda self: self.drafts)
    @rule(which=WHICH, files=FILES)
    def upload(self, which: int, files: dict[str, bytes]) -> None:
        self.attempt(lambda: self.fill(self.drafts[which % len(self.drafts)], files))

    @precondition(lambda self: self.drafts)
    @rule(which=WHICH)
    def publish_draft(self, which: int) -> None:
        self.publish(self.drafts[which % len(self.drafts)])

    @precondition(lambda self: self.drafts)
    @rule(which=WHICH)
    def discard(self, which: int) -> None:
        draft_id = self.drafts.pop(which % len(self.drafts))
        self.attempt(lambda: drafts.discard(self.instance, SYSTEM, draft_id))

    @precondition(lambda self: self.records)
    @rule(which=WHICH, body=bodies(), at_once=st.sampled_from((True, True, False)))
    def edit(self, which: int, body: Json, at_once: bool) -> None:
        """Opens and closes records and files too."""
        record_id = self.records[which % len(self.records)]
        draft = self.attempt(lambda: editions.edit(self.instance, SYSTEM, record_id))
        if draft:
            sent = {**body, "files": {"enabled": draft.body["files"]["enabled"]}, "pids": draft.body["pids"]}
            drafts.save(self.instance, SYSTEM, record_id, sent)
            if at_once:
                self.publish(record_id)
            else:
                self.drafts.append(record_id)

    @precondition(lambda self: self.records)
    @rule(which=WHICH, body=bodies(), with_files=st.booleans(), at_once=st.sampled_from((True, True, False)))
    def next_version(self, which: int, body: Json, with_files: bool, at_once: bool) -> None:
        record_id = self.records[which % len(self.records)]
        draft = self.attempt(lambda: editions.new_version(self.instance, SYSTEM, record_id))
        if draft:
            listed = None
            if with_files:
                listed = self.attempt(lambda: uploads.import_previous(self.instance, SYSTEM, draft.id))
            drafts.save(self.instance, SYSTEM, draft.id, {**body, "files": {"enabled": bool(listed and listed[1])}})
            if at_once:
                self.publish(draft.id)
            else:
                self.drafts.append(draft.id)

    @precondition(lambda self: self.records)
    @rule(which=WHICH, visible=st.booleans())
    def withdraw(self, which: int, visible: bool) -> None:
        record_id = self.records[which % len(self.records)]
        wish = {"note": "Not ours", "is_visible": visible, "removal_reason": {"id": "retracted"}}
        self.attempt(lambda: withdrawal.withdraw(self.instance, self.viewers[1], record_id, wish))

    @precondition(lambda self: self.records)
    @rule(which=WHICH)
    def restore(self, which: int) -> None:
        record_id = self.records[which % len(self.records)]
        self.attempt(lambda: withdrawal.restore(self.instance, SYSTEM, record_id))

    @precondition(lambda self: len(self.records) > 1)
    @rule(which=WHICH)
    def erase(self, which: int) -> None:
        record_id = self.records.pop(which % len(self.records))
        withdrawal.erase(self.instance, SYSTEM, record_id)
        self.erased.add(record_id)

    @rule(days=st.sampled_from((1, 5, 30)))
    def days_pass(self, days: int) -> None:
        self.day += timedelta(days=days)
        embargoes.lift_ended(self.instance, self.day)

    @precondition(lambda self: self.records)
    @rule(which=WHICH, users=st.booleans())
    def set_access_settings(self, which: int, users: bool) -> None:
        record_id, wanted = self.records[which % len(self.records)], {"allow_user_requests": users}
        self.attempt(lambda: sharing.set_access_settings(self.instance, SYSTEM, record_id, wanted))

    @rule(number=st.integers(1, 3), metadata=METADATA_PARTS, series=st.booleans())
    def import_document(self, number: int, metadata: Json, series: bool) -> None:
        """The first time, or again with changes; documents of the series are versions of one parent."""
        made = Deposit(
            source=f"test:{number}",
            identity=f"source:{number}{series}",
            digest=f"{next(self.numbers)}",
            body={"metadata": {**METADATA, **metadata}},
            origin={"source": f"test:{next(self.numbers)}", "identity": f"source:{number}{series}"},
        )
        made = replace(made, parent="series", index=number) if series else made
        done = import_documents(self.instance, [made], owner=self.viewers[0].account)
        assert done.refused == 0
        if done.added:
            with self.instance.database.read() as connection:
                logged = {change.record_id for change in changes.states(connection, "", 1000)}
            self.records += logged - {*self.records} - self.erased

    @precondition(has_news)
    @rule()
    def read_all(self) -> None:
        self.read(NAMES)

    @precondition(has_news)
    @rule(name=st.sampled_from(NAMES))
    def read_one(self, name: str) -> None:
        self.read((name,))

    @precondition(has_news)
    @rule(name=st.sampled_from(NAMES))
    def rebuild(self, name: str) -> None:
        asked = ask(self.instance.database, name, "rebuild")
        self.read((name,))
        assert request(self.instance.database, asked).status == "done"


class LifeCyclesOnServers(LifeCycles):
    """The same on the scaled set."""

    servers: ClassVar[ScaledSet]
    empty: ClassVar[Path]

    def begun(self) -> Instance:
        self.stores = self.servers.stores()
        self.template = make_beginning(self.empty, self.folder / "live", **self.stores)
        settings = {name.replace("__", "."): value for name, value in self.stores.items()}
        return opened(self.folder / "live", **settings)

    def teardown(self) -> None:
        super().teardown()
        if hasattr(self, "stores"):
            self.servers.drop(self.stores)


def test_every_reader_is_compared() -> None:
    assert tuple(CONTENTS) == NAMES


@pytest.mark.timeout(0 if os.environ.get("HYPOTHESIS_PROFILE") == "long" else 300)
def test_readers_show_what_a_rebuild_from_nothing_shows(
    instance_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with capture_logs():
        LifeCycles.template = make_beginning(instance_template, tmp_path_factory.mktemp("cycles") / "template")
    profile = _PROFILES[os.environ.get("HYPOTHESIS_PROFILE", "check")]
    chosen = settings(deadline=None, suppress_health_check=list(HealthCheck), print_blob=False, **profile)
    with capture_logs():
        run_state_machine_as_test(LifeCycles, settings=chosen)


@pytest.mark.service
@pytest.mark.timeout(0 if os.environ.get("HYPOTHESIS_PROFILE") == "long" else 300)
def test_readers_of_the_scaled_set_show_what_a_rebuild_from_nothing_shows(
    instance_template: Path, scaled: ScaledSet
) -> None:
    LifeCyclesOnServers.servers, LifeCyclesOnServers.empty = scaled, instance_template
    profile = _PROFILES[os.environ.get("HYPOTHESIS_PROFILE", "check")]
    few = {**profile, "max_examples": profile["max_examples"] // 4}
    chosen = settings(deadline=None, suppress_health_check=list(HealthCheck), print_blob=False, **few)
    with capture_logs():
        run_state_machine_as_test(LifeCyclesOnServers, settings=chosen)
