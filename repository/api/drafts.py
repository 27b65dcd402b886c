"""Drafts over REST. Specified by: InvenioRDM REST API, Drafts."""

from flask import Response, request

from repository.api import answers, repeats
from repository.api.answers import nothing
from repository.api.bodies import if_match, json_object
from repository.api.context import instance, viewer
from repository.services import drafts, editions, publishing, reservations
from repository.services.reading import Record


def create() -> Response:
    return repeats.once(lambda: answers.draft(drafts.create(instance(), viewer(), json_object()), 201))


def read(record_id: str) -> Response:
    return answers.draft(drafts.read(instance(), viewer(), record_id))


def save(record_id: str) -> Response:
    return answers.draft(drafts.save(instance(), viewer(), record_id, json_object(), if_match()))


def discard(record_id: str) -> Response:
    drafts.discard(instance(), viewer(), record_id, if_match())
    return nothing()


def edit(record_id: str) -> Response:
    return answers.draft(editions.edit(instance(), viewer(), record_id), 201)


def new_version(record_id: str) -> Response:
    return repeats.once(lambda: answers.draft(editions.new_version(instance(), viewer(), record_id), 201))


def publish(record_id: str) -> Response:
    def act() -> Response:
        snapshot = publishing.publish(instance(), viewer(), record_id)
        newest = max(version.index for version in snapshot.versions if version.state == "published")
        return answers.record(Record(snapshot, snapshot.index == newest, files_visible=True, manages=True), 202)

    return repeats.once(act) if repeats.HEADER in request.headers else act()


def reserve_doi(record_id: str) -> Response:
    return answers.draft(reservations.reserve(instance(), viewer(), record_id), 201)


def discard_doi(record_id: str) -> Response:
    return answers.draft(reservations.give_back(instance(), viewer(), record_id))
