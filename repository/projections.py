"""PROJECTIONS: every reader of the change log, one line each; the two that take longest come last."""

from collections.abc import Callable, Sequence

from repository.following import Projection
from repository.ld.projection import LdProjection
from repository.oai.projection import OaiProjection
from repository.search.engines import open_projection as open_search
from repository.services.instance import Instance
from site_builder.projection import open_projection as open_site

PROJECTIONS: dict[str, Callable[[Instance], Projection]] = {
    "search": lambda instance: open_search(instance.settings.search),
    "oai": lambda instance: OaiProjection(instance.database, instance.settings.site),
    "ld": lambda instance: LdProjection(instance.settings),
    "site": open_site,
}
NAMES = tuple(PROJECTIONS)


def open_projections(instance: Instance, names: Sequence[str] = NAMES) -> list[Projection]:
    return [PROJECTIONS[name](instance) for name in names]
