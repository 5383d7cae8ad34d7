import re
import socket

import pytest

from harness.core.errors import InputError
from harness.tracking.ports import check_port


def test_a_port_in_use_is_refused_and_a_free_one_named():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        taken.listen()
        with pytest.raises(InputError, match=f"port {port} is in use") as caught:
            check_port(port)
    free = int(re.search(r"name a free one: --port (\d+)", str(caught.value))[1])
    assert free > port
    for number in (port, free):
        check_port(number)


def test_the_last_port_has_no_next(monkeypatch):
    monkeypatch.setattr(socket.socket, "connect_ex", lambda *_: 0)
    with pytest.raises(InputError, match=r"port 65535 is in use: .* or name another"):
        check_port(65535)
