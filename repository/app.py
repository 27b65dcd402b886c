"""The application: wires what it is given into one Flask app, and knows nothing itself."""

import threading
from collections.abc import Callable, Sequence

from flask import Blueprint, Flask, Response
from werkzeug.middleware.proxy_fix import ProxyFix

from repository.api import errors, metrics, status, urls
from repository.api.context import House, WholeResponse, admit, protect
from repository.api.errors import ErrorPage
from repository.api.policy import Policy
from repository.api.stores import Stores
from repository.oai.resource import create_blueprint as create_oai
from repository.search.engines import open_engine
from repository.services.instance import Instance
from repository.services.measures import Figures
from repository.storage.counters import Counters


def create_app(
    instance: Instance,
    *,
    readers: Sequence[str] = (),
    blueprints: Sequence[Blueprint] = (),
    error_page: ErrorPage | None = None,
    after: Sequence[Callable[[Response], Response]] = (),
) -> Flask:
    """The app of one open instance.

    `readers` are the names of the change log's readers, `blueprints` the pages (and whatever else lies above this
    layer), `error_page` makes the HTML answer of a path outside `/api`, `after` sees every response last.
    """
    app = Flask("colophon", static_folder=None)
    app.response_class = WholeResponse
    app.url_map.merge_slashes = False  # a file key may have two slashes in a row
    app.json.sort_keys = False  # type: ignore[attr-defined]
    settings = instance.settings
    search = open_engine(settings.search)
    app.extensions["colophon"] = House(
        instance,
        search,
        readers=tuple(readers),
        policy=Policy.of(settings),
        counters=Counters(settings.home / "run", settings.secret),
        figures=Figures(instance),
        stores=Stores(instance, search),
        streams=threading.BoundedSemaphore(settings.lent_threads),
    )
    if settings.serve_proxies:  # only who asks is taken from them: host and scheme of the site are settings
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.serve_proxies, x_proto=0, x_host=0)  # type: ignore[method-assign]
    app.before_request(admit)
    app.after_request(protect)  # registered first, so it runs last
    app.register_blueprint(urls.create_blueprint())
    app.register_blueprint(create_oai(instance.database, settings))
    app.add_url_rule("/healthz", "healthz", status.healthz)
    app.add_url_rule("/readyz", "readyz", status.readyz)
    app.add_url_rule("/metrics", "metrics", metrics.read)
    for blueprint in blueprints:
        app.register_blueprint(blueprint)
    errors.register(app, error_page or _plain_page)
    for function in after:
        app.after_request(function)
    return app


def _plain_page(status_code: int, message: str, _error: Exception | None) -> Response:
    return Response(f"{status_code} {message}\n", status_code, content_type="text/plain; charset=utf-8")
