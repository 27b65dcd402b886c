"""Citations at a record's address and as a file, in the style and the locale that are asked for."""

import pytest
from flask.testing import FlaskClient

from repository.cli.serve import build_app
from repository.records.visibility import Viewer
from repository.services.instance import Instance
from tests.instances import body, published

CITATION = "text/x-bibliography"


@pytest.fixture
def client(instance: Instance) -> FlaskClient:
    return build_app(instance).test_client()


@pytest.fixture
def path(instance: Instance, owner: Viewer) -> str:
    return f"/records/{published(instance, owner, body())}"


@pytest.mark.parametrize(
    ("accept", "query", "style", "locale", "said"),
    [
        (f"{CITATION};q=0.9, text/html;q=0.8", "", "apa", "en-US", "Holm, A. (2024)."),
        (f"{CITATION}; style=ieee; locale=cs-CZ", "", "ieee", "cs-CZ", "A. Holm, „"),
        (f"{CITATION}; style=apa", "?style=iso690&locale=cs", "iso690", "cs-CZ", "HOLM, Ada, 2024. "),
    ],
)
def test_the_address_of_a_record_answers_a_citation_and_says_where_that_one_lies(
    client: FlaskClient, path: str, accept: str, query: str, style: str, locale: str, said: str
) -> None:
    answer = client.get(path + query, headers={"Accept": accept})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == f"{CITATION};charset=utf-8;style={style};locale={locale}"
    assert "Accept" in answer.vary
    assert answer.text.startswith(said)
    there = client.get(answer.headers["Content-Location"])
    assert (there.status_code, there.data) == (200, answer.data)
    assert there.headers["Content-Type"] == answer.headers["Content-Type"]


@pytest.mark.parametrize("name", ["style", "locale"])
def test_a_page_says_which_styles_and_locales_there_are(client: FlaskClient, path: str, name: str) -> None:
    answer = client.get(f"{path}/citation.txt?{name}=nosuch")
    assert (answer.status_code, answer.mimetype) == (400, "text/html")
    assert {"style": "iso690-author-date-cs", "locale": "cs-CZ"}[name] in answer.text


def test_a_browser_gets_the_page_whatever_style_the_address_names(client: FlaskClient, path: str) -> None:
    answer = client.get(f"{path}?style=nosuch", headers={"Accept": "text/html,*/*;q=0.8"})
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
