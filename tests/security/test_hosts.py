"""A request for somebody else gets nothing: neither a page, nor a file, nor a redirect. CVE-2019-1020006."""

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import EnvironBuilder, run_wsgi_app

from repository.cli.serve import build_app
from repository.errors import WrongSetting
from repository.services.instance import Instance
from repository.settings import load
from tests.instances import body, copy_instance, person, published
from tests.security.addresses import addresses

ALIEN = (
    "evil.example", "evil.example:80", "repository.test.evil.example", "evilrepository.test", "repository.test/",
    "repository.test@evil.example", "repository.test:80@evil.example", "repository.test,evil.example", "", "10.0.0.7",
    "repository.test evil.example", "repository.test:", "repository.test:8x", "repository.test:123456", "0.0.0.0",
    "repositoryXtest", "repository.test.", "[::1", "::1", "localhost\tevil", "localhost\n",
)  # fmt: skip
OWN = (
    "repository.test", "Repository.TEST", "repository.test:80", "repository.test:8443", "localhost", "localhost:5000",
    "127.0.0.1:5000", "[::1]", "[::1]:5000",
)  # fmt: skip


def status(app: Flask, method: str, path: str, host: str) -> int:
    environ = EnvironBuilder(path, method=method).get_environ()
    environ["HTTP_HOST"] = host
    return status_of(app, environ)


def status_of(app: Flask, environ: dict[str, Any]) -> int:
    """Straight from the application: the client of tests would mend what is wrong."""
    _body, line, _headers = run_wsgi_app(app, environ, buffered=True)
    return int(line.split()[0])


def test_no_address_answers_for_a_host_that_is_not_ours(app: Flask) -> None:
    for method, path in addresses(app):
        assert status(app, method, path, "evil.example") == 400, (method, path)
        assert status(app, method, path, "repository.test") != 400 or method != "GET", (method, path)


def test_only_whole_names_are_ours_with_any_port(app: Flask) -> None:
    assert [host for host in ALIEN if status(app, "GET", "/healthz", host) != 400] == []
    assert [host for host in OWN if status(app, "GET", "/healthz", host) != 200] == []


def test_a_request_without_a_host_is_refused(app: Flask) -> None:
    environ = EnvironBuilder("/healthz").get_environ()
    del environ["HTTP_HOST"]
    assert status_of(app, environ) == 400


def test_the_refusal_names_the_hosts_and_the_settings(app: Flask) -> None:
    for path in ("/api/records", "/about/"):
        answer = app.test_client().get(path, headers={"Host": "<b>evil.example"})
        for part in ("repository.test", "site.url", "site.hosts"):
            assert part in answer.text, path
        assert "<b>evil" not in answer.text or answer.mimetype == "application/json"


def test_no_link_is_made_from_what_a_request_calls_us(app: Flask, instance: Instance) -> None:
    record_id = published(instance, person(instance, "owner"), body())
    headers = {"Host": "localhost:81", "X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
    for path in ("/", f"/records/{record_id}", f"/api/records/{record_id}", "/api/records", "/oai?verb=Identify",
                 "/sitemap.xml", "/sparql", f"/records/{record_id}/latest", "/nosuch", "/login"):  # fmt: skip
        answer = app.test_client().get(path, headers=headers)
        text = f"{answer.headers}{answer.text}"
        assert "localhost" not in text, path
        assert "evil.example" not in text, path


def test_what_is_set_takes_the_place_of_the_names_of_the_machine(tmp_path: Path, instance_template: Path) -> None:
    with closing(copy_instance(instance_template, tmp_path / "own", site__hosts="alias.test,10.0.0.7")) as instance:
        app = build_app(instance)
        got = [
            status(app, "GET", "/healthz", host)
            for host in ("alias.test", "10.0.0.7:5000", "repository.test", "localhost")
        ]
    assert got == [200, 200, 200, 400]


@pytest.mark.parametrize("wrong", ["*", "http://alias.test", "alias.test:80", "alias test", "::1"])
def test_a_host_that_is_none_is_no_setting(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(WrongSetting, match=r"site\.hosts"):
        load(tmp_path, {"COLOPHON_SITE_HOSTS": wrong})
