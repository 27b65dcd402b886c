"""The way from a web worker to the query service: one short connection a query, with a time limit of its own."""

import socket

from repository.errors import Unreachable
from repository.ld.messages import Channel, Message
from repository.ld.places import socket_path
from repository.ld.sparql_pool import LONGEST_WAIT
from repository.settings import Settings

_SHORT = 5.0
"""Seconds for what the service does at once: to take a message, to kill a query, to tell how it is."""


def ask(settings: Settings, query: Message) -> Message:
    """Sends a message of `sparql_worker` and returns the answer. Raises Unreachable."""
    return _exchange(settings, query, LONGEST_WAIT + settings.sparql_timeout + 2 * _SHORT)


def is_running(settings: Settings) -> bool:
    """Whether the query service answers."""
    try:
        return bool(_exchange(settings, Message(), _SHORT).header["status"] == 200)
    except Unreachable:
        return False


def _exchange(settings: Settings, message: Message, seconds: float) -> Message:
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(_SHORT)
            connection.connect(str(socket_path(settings.home)))
            channel = Channel(connection.fileno(), connection.fileno())
            channel.send(message, _SHORT)
            return channel.receive(seconds)
    except (OSError, EOFError, ValueError) as error:
        raise Unreachable(f"The query service does not answer: {error}") from error
