"""The address that the MLflow UI is served at, checked before anything slow is imported."""

import socket
from contextlib import closing

from harness.core.errors import InputError

HOST = "127.0.0.1"
_LAST, _TRIED = 65535, 100


def check_port(port: int) -> None:
    """Refuse a port of 127.0.0.1 on which another process listens.

    Raises
    ------
    InputError
        The message names the next free one.
    """
    with closing(socket.socket()) as probe:
        if probe.connect_ex((HOST, port)) != 0:
            return
    free = next(filter(_is_free, range(port + 1, min(port + _TRIED, _LAST) + 1)), None)
    named = "another" if free is None else f"a free one: --port {free}"
    raise InputError(f"port {port} is in use: stop what listens there, or name {named}")


def _is_free(port: int) -> bool:
    try:
        with closing(socket.socket()) as probe:
            probe.bind((HOST, port))
    except OSError:
        return False
    return True
