"""What `/api/status` tells of stored bytes, to everybody and to admins."""

from collections.abc import Callable

from repository.records.visibility import Viewer
from repository.services import fixity
from repository.services.instance import Instance
from tests.api.conftest import Caller
from tests.instances import body, published


def test_everybody_sees_counts_and_admins_what_is_faulty(
    instance: Instance, owner: Viewer, caller: Callable[..., Caller]
) -> None:
    record_id = published(instance, owner, body(), {"a.txt": b"a", "b.txt": b"b"})
    anonymous, admin = caller(), caller("admin", admin=True)
    assert anonymous("GET", "/api/status").json["files"] == {"blobs": 2, "checked": 0, "due": 2, "faulty": 0}
    next(path for path in instance.settings.home.glob("objects/??/??/*") if path.read_bytes() == b"a").unlink()
    list(fixity.check(instance))
    assert anonymous("GET", "/api/status").json["files"] == {"blobs": 2, "checked": 2, "due": 0, "faulty": 1}
    assert anonymous("GET", "/api/status/faults").status_code == 403
    assert caller("somebody")("GET", "/api/status/faults").status_code == 403
    (hit,) = admin("GET", "/api/status/faults").json["hits"]["hits"]
    assert (hit["fault"], hit["held_by"]) == ("missing", [f"{record_id}/a.txt"])
