"""What admins see of harvests by `/api/status/harvests`."""

from collections.abc import Callable

from repository.oai.resource import EXTENSION
from tests.api.conftest import Caller


def test_admins_see_who_harvested(caller: Callable[..., Caller]) -> None:
    anonymous, admin = caller(), caller("admin", admin=True)
    assert anonymous("GET", "/api/status/harvests").status_code == 403
    assert caller("somebody")("GET", "/api/status/harvests").status_code == 403
    assert admin("GET", "/api/status/harvests").json["hits"]["hits"] == []
    client = admin.client
    client.get("/oai?verb=Identify", headers={"User-Agent": "scythe/1"})
    client.application.extensions[EXTENSION].flush()
    (hit,) = admin("GET", "/api/status/harvests?days=1").json["hits"]["hits"]
    assert (hit["agent"], hit["verb"], hit["requests"], hit["records"]) == ("scythe/1", "Identify", 1, 0)
    for wrong in ("0", "x", "-1", "401"):
        assert admin("GET", f"/api/status/harvests?days={wrong}").status_code == 400
