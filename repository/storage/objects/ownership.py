"""Whose a store of objects is: a mark in it names the instance, and no other one may change anything there.

Else an instance that is pointed at the bucket of another one would sweep away bytes that only the other knows; and one
whose disk is not mounted would write to the empty folder that is there instead.
"""

from repository.errors import Unreachable, WrongSetting

MARK = "colophon-instance"
"""Name of the mark, beside the objects; no object is called so."""


def check_mark(found: bytes | None, owner: str, store: str) -> None:
    """Raises WrongSetting where the mark that was found names another instance; Unreachable where there is none."""
    if found is None:
        raise Unreachable(
            f"{store} bears no mark of an instance: is it the right one, and mounted? If it is, and the bytes in it "
            "are lost, run `colophon init --take-over`."
        )
    name = found.decode("utf-8", "replace").strip()
    if name != owner:
        raise WrongSetting(
            f"{store} belongs to another instance ({name[:64]}; this one is {owner}). Each instance needs a bucket, "
            "path or folder of its own: change the setting objects. If the other one is no more, or this one was made "
            "to take its place, run `colophon init --take-over`; whatever this one does not know there is then swept."
        )
