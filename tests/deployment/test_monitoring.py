"""Alert rules and the Grafana board ask only for metrics, labels and values that `/metrics` really has."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from repository.api.observation import observe
from repository.app import create_app
from repository.projections import NAMES
from tests.instances import body, copy_instance, person, published
from tests.servers.front import DEPLOYMENT

RULES = yaml.safe_load((DEPLOYMENT / "alerts.yml").read_text(encoding="utf-8"))
BOARD = json.loads((DEPLOYMENT / "grafana-board.json").read_text(encoding="utf-8"))
FROM_PROMETHEUS = {"up": {"job", "instance"}}
"""What Prometheus itself adds to what it reads."""
Metrics = dict[str, dict[str, set[str]]]
"""Values of labels by label by name."""


@pytest.fixture(scope="module")
def metrics(instance_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Metrics:
    """What an instance tells, after some requests."""
    opened = copy_instance(instance_template, tmp_path_factory.mktemp("measured") / "instance", metrics__public="true")
    published(opened, person(opened, "owner"), body())
    app = create_app(opened, readers=NAMES)
    observe(app)
    client = app.test_client()
    client.get("/api/records")
    found: Metrics = {}
    for family in text_string_to_metric_families(client.get("/metrics").get_data(as_text=True)):
        for sample in family.samples:
            labels = found.setdefault(sample.name, {})
            for name, value in sample.labels.items():
                labels.setdefault(name, set()).add(value)
    opened.close()
    return found


def alerts() -> list[dict[str, Any]]:
    return [rule for group in RULES["groups"] for rule in group["rules"]]


def queries() -> list[tuple[str, str]]:
    """Where it stands, and what is asked; the board's variables have values."""
    found = [(rule["alert"], rule["expr"]) for rule in alerts()]
    for panel in BOARD["panels"]:
        found += [(panel["title"], target["expr"]) for target in panel["targets"]]
    return [(place, query.replace("$__rate_interval", "5m").replace("$job", "colophon")) for place, query in found]


def selectors(expression: Any) -> Iterator[Any]:
    """Those of metrics, wherever they stand in an expression."""
    if isinstance(expression, promql_parser.VectorSelector):
        yield expression
        return
    for name in ("expr", "lhs", "rhs", "param", "vector_selector"):
        inner = getattr(expression, name, None)
        if inner is not None:
            yield from selectors(inner)
    for argument in getattr(expression, "args", None) or ():
        yield from selectors(argument)


@pytest.mark.parametrize(("place", "query"), queries(), ids=[place for place, _query in queries()])
def test_a_query_asks_for_what_there_is(place: str, query: str, metrics: Metrics) -> None:
    asked = list(selectors(promql_parser.parse(query)))
    assert asked, query
    for selector in asked:
        if selector.name in FROM_PROMETHEUS:
            continue
        assert selector.name in metrics, place
        for matcher in selector.matchers.matchers:
            if matcher.name == "job":
                continue
            assert matcher.name in metrics[selector.name], f"{place}: no label {matcher.name}"
            if matcher.name in ("reader", "store", "queue", "state"):
                assert matcher.value in metrics[selector.name][matcher.name], place


def test_every_metric_is_watched_or_shown(metrics: Metrics) -> None:
    """`_total`, `_bucket` and so on are one metric."""
    shown = {selector.name for _place, query in queries() for selector in selectors(promql_parser.parse(query))}
    shown |= {"colophon_info"} if "colophon_info" in json.dumps(BOARD["templating"]) else set()
    own = {name for name in metrics if name.startswith("colophon_") and not name.endswith("_created")}
    assert own - shown <= {"colophon_blobs"}


def test_labels_that_words_and_legends_name_are_there(metrics: Metrics) -> None:
    for rule in alerts():
        assert {"severity"} <= set(rule["labels"])
        assert {"summary", "do"} == set(rule["annotations"])
    for panel in BOARD["panels"]:
        for target in panel["targets"]:
            legend = target["legendFormat"]
            if legend.startswith("{{"):
                label = legend.strip("{}")
                assert any(label in labels for labels in metrics.values()), legend


def test_panels_of_the_board_do_not_overlap() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in BOARD["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        taken |= cells
