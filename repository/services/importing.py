"""Import: documents become published records, in sets, through the same validation and log as a deposit.

A document is known by its identity: one that comes again is revised if it has changed, left alone if it has not.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, OperationalError

from repository.errors import INVALID, FieldError, InvalidInput
from repository.records import draft as drafting
from repository.records.deposit import Deposit, Refusal
from repository.records.draft import Rules
from repository.records.identifiers import doi_key, managed_pid
from repository.records.snapshot import Json
from repository.records.vocabularies import Reference
from repository.services.import_writing import Imported, Known, Writing
from repository.services.instance import Instance
from repository.storage import terms as terms_store
from repository.storage.models import Pid, Source

BATCH = 1000
"""Documents of one transaction."""
PUBLIC: Json = {"record": "public", "files": "public", "embargo": {"active": False, "reason": None}}


def import_documents(
    instance: Instance,
    documents: Iterable[Deposit | Refusal],
    *,
    owner: str = "",
    refuse: Callable[[Refusal], None] = lambda _refusal: None,
    progress: Callable[[Imported], None] = lambda _done: None,
) -> Imported:
    """Takes every document, or hands its refusal to `refuse`.

    What is new of a batch is one transaction; what is known already, or a version of something, is one of its own.

    `owner` is the id of the account that the records belong to; without one only admins edit them.
    """
    done = Imported()
    run = secrets.token_hex(8)
    rules = instance.rules_today(importing=True)
    for batch in _batches(documents):
        done.documents += len(batch)
        for refusal in _take(instance, batch, owner, run, rules, done):
            done.refused += 1
            refuse(refusal)
        progress(done)
    return done


def _batches(documents: Iterable[Deposit | Refusal]) -> Iterator[list[Deposit | Refusal]]:
    stream = iter(documents)
    while batch := list(islice(stream, BATCH)):
        yield batch


def _take(
    instance: Instance, batch: Sequence[Deposit | Refusal], owner: str, run: str, rules: Rules, done: Imported
) -> list[Refusal]:
    """Validates one batch, then writes what is right of it; returns what is refused."""
    refusals = [item for item in batch if isinstance(item, Refusal)]
    deposits = [item for item in batch if isinstance(item, Deposit)]
    _add_terms(instance, deposits)
    known = _look_up(instance, deposits)
    taken: list[tuple[Deposit, Json]] = []
    met: list[Deposit] = []
    seen: dict[str, str] = {}
    for deposit in deposits:
        try:
            if _is_news(deposit, known, run, seen):
                taken.append((deposit, _validated(deposit, known, rules)))
            else:
                met.append(deposit)
        except InvalidInput as error:
            refusals.append(_refusal(deposit, error))
    tied = [entry for entry in taken if known.is_tied(entry[0])]
    plain = [entry for entry in taken if not known.is_tied(entry[0])]
    tied.sort(key=lambda entry: (entry[0].parent, entry[0].index))
    # The lock of one parent at a time, and the log's after it.
    for entries, again in (([], met), (plain, []), *(([entry], []) for entry in tied)):
        try:
            Writing(instance, owner, run, known, done).write(entries, again)
        except _CONFLICTS as error:  # one of them meets something that came in between: find out which
            _only_conflicts(error)
            one_by_one = (*(deposit for deposit, _body in entries), *again)
            found = (_take_alone(instance, deposit, owner, run, rules, done) for deposit in one_by_one)
            refusals += [refusal for refusal in found if refusal is not None]
    return refusals


_CONFLICTS = (IntegrityError, InvalidInput, OperationalError)
_SERIALIZATION_FAILURE, _DEADLOCK = "40001", "40P01"


def _only_conflicts(error: Exception) -> None:
    """Raises the error again, unless another try may succeed or tells what is wrong with the document."""
    again = (_SERIALIZATION_FAILURE, _DEADLOCK)
    if isinstance(error, OperationalError) and getattr(error.orig, "sqlstate", None) not in again:
        raise error


def _take_alone(
    instance: Instance, deposit: Deposit, owner: str, run: str, rules: Rules, done: Imported
) -> Refusal | None:
    """Takes one document after all that has come in meanwhile; returns its refusal."""
    known = _look_up(instance, [deposit])
    writing = Writing(instance, owner, run, known, done)
    try:
        if _is_news(deposit, known, run, {}):
            writing.write([(deposit, _validated(deposit, known, rules))])
        else:
            writing.write([], [deposit])
    except _CONFLICTS as error:
        _only_conflicts(error)
        return _refusal(deposit, error)
    return None


def _refusal(deposit: Deposit, error: Exception) -> Refusal:
    if isinstance(error, InvalidInput):
        first = error.errors[0] if error.errors else FieldError("", (error.message,))
        return Refusal(deposit.source, first.field, " ".join(first.messages))
    return Refusal(deposit.source, "identity", "Another process is just taking this identity or DOI: import it again.")


def _is_news(deposit: Deposit, known: Known, run: str, seen: dict[str, str]) -> bool:
    """Whether the document is new or changed. Raises InvalidInput for a second one of the same identity in this run."""
    source = known.sources.get(deposit.identity)
    earlier = seen.get(deposit.identity) or (source.digest if source is not None and source.run == run else None)
    if earlier is not None and earlier != deposit.digest:
        message = f"Another document of this import has the same identity {deposit.identity}."
        raise InvalidInput(message, [FieldError("identity", (message,))])
    seen[deposit.identity] = deposit.digest
    return earlier is None and (source is None or source.digest != deposit.digest)


def _validated(deposit: Deposit, known: Known, rules: Rules) -> Json:
    """The body to be published. Raises InvalidInput with what is wrong."""
    body = {"access": PUBLIC, "files": {"enabled": False}, **deposit.body}
    body["pids"] = _own_dois(body.get("pids", {}), rules.doi_prefix)
    loaded = drafting.load(body, None, known.terms, rules)
    errors = drafting.merge(loaded.errors, drafting.missing(loaded, rules))
    source = known.sources.get(deposit.identity)
    doi = loaded.pids.get("doi", {}).get("identifier")
    holder = known.dois.get(doi_key(doi)) if doi else None
    if holder is not None and (source is None or holder != source.record_id):
        errors = (*errors, FieldError("pids.doi", (f"The DOI {doi} belongs to the record {holder}.",)))
    if errors:
        raise InvalidInput(INVALID, errors)
    return loaded.body()


def _own_dois(pids: Json, prefix: str) -> Json:
    """An import may bring a DOI under our own prefix: it is ours to register from now on."""
    doi = pids.get("doi")
    if doi and prefix and doi["identifier"].startswith(f"{prefix}/"):
        return {**pids, "doi": managed_pid(prefix, doi["identifier"].removeprefix(f"{prefix}/"))}
    return pids


def _add_terms(instance: Instance, deposits: Sequence[Deposit]) -> None:
    """Organisations and people that documents name by ROR and ORCID, as far as the vocabularies lack them."""
    named: dict[Reference, str] = {}
    for deposit in deposits:
        named |= {reference: name for reference, name in deposit.terms.items() if name}
    if not named:
        return
    with instance.database.read() as connection:
        present = instance.terms.lookup(connection, named)
    missing = [(kind, _term(kind, term, name)) for (kind, term), name in named.items() if (kind, term) not in present]
    if missing:
        missing.sort(key=lambda term: (term[0], term[1]["id"]))  # as in `_flush`
        with instance.database.write() as connection:
            terms_store.add(connection, missing)


def _term(kind: str, term_id: str, name: str) -> Json:
    scheme = "orcid" if kind == "names" else "ror"
    term: Json = {"id": term_id, "name": name, "identifiers": [{"scheme": scheme, "identifier": term_id}]}
    if kind == "names":
        family, _, given = name.partition(", ")
        return {**term, "family_name": family, "given_name": given}
    return {**term, "title": {"en": name}}


def _look_up(instance: Instance, deposits: Sequence[Deposit]) -> Known:
    brought = (deposit.body.get("pids", {}).get("doi", {}).get("identifier") for deposit in deposits)
    keys = [doi_key(doi) for doi in brought if doi]
    with instance.database.read() as connection:
        identities = [deposit.identity for deposit in deposits]
        sources = connection.execute(select(Source.__table__).where(Source.identity.in_(identities))).all()
        held = connection.execute(select(Pid.value, Pid.holder).where(Pid.scheme == "doi", Pid.value.in_(keys)))
        return Known(
            sources={row.identity: row for row in sources},
            dois={row.value: row.holder for row in held},
            terms=instance.terms_of(connection, *(deposit.body for deposit in deposits)),
        )
