"""Downloads from a server on this machine that stands in for the real ones."""

import gzip
import hashlib
import http.server
import threading
from typing import ClassVar

import numpy as np
import pytest
import scipy.io

from harness.core.errors import DataError
from harness.data import fetch
from harness.data.containers import array_digest
from harness.data.sets import RawFile
from harness.data.sets.fashion_mnist import FashionMNIST

CONTENT = bytes(range(256)) * 4000


class Server(http.server.BaseHTTPRequestHandler):
    """Serves `files`; first sends `faults` unchanged, or truncates responses, as configured."""

    files: ClassVar[dict[str, bytes]] = {}
    breaks = 0
    faults: ClassVar[list[bytes]] = []
    ranges: ClassVar[list[str | None]] = []

    def do_GET(self):
        body = self.files.get(self.path.lstrip("/"))
        if body is None:
            self.send_error(404)
            return
        wanted = self.headers.get("Range")
        Server.ranges.append(wanted)
        if Server.faults:
            self.wfile.write(Server.faults.pop())
            return
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
        self.send_response(206 if wanted else 200)
        self.send_header("Content-Length", str(len(body) - start))
        self.end_headers()
        rest = body[start:]
        if Server.breaks > 0:
            Server.breaks -= 1
            rest = rest[: len(rest) // 2]
        self.wfile.write(rest)

    def log_message(self, *args):
        pass


@pytest.fixture
def server():
    Server.files, Server.breaks, Server.faults, Server.ranges = {}, 0, [], []
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


def raw_file(url, content=CONTENT):
    return RawFile("file.bin", (url,), ((f"sha256:{hashlib.sha256(content).hexdigest()}", "it"),))


def run(monkeypatch, tmp_path, file, calls=None):
    monkeypatch.setattr(FashionMNIST, "files", (file,))
    watch = (lambda *a: calls.append(a)) if calls is not None else (lambda *_: None)
    return fetch.fetch_files("fashion_mnist", tmp_path, None, watch, pause=0.01)


def test_download_shows_progress_and_is_done_once(server, monkeypatch, tmp_path):
    Server.files = {"file.bin": CONTENT}
    calls = []
    found = run(monkeypatch, tmp_path, raw_file(f"{server}/file.bin"), calls)
    assert found == {"file.bin": f"it, from {server}/file.bin"}
    assert calls[-1] == ("file.bin from 127.0.0.1", len(CONTENT), len(CONTENT))
    assert (tmp_path / "fashion_mnist/file.bin").read_bytes() == CONTENT
    again = run(monkeypatch, tmp_path, raw_file(f"{server}/file.bin"))
    assert again == {"file.bin": "it, there already"}
    assert len(Server.ranges) == 1


def test_archives_are_unpacked(server, monkeypatch, tmp_path):
    Server.files = {"file.bin.gz": gzip.compress(CONTENT)}
    run(monkeypatch, tmp_path, raw_file(f"{server}/file.bin.gz"))
    folder = tmp_path / "fashion_mnist"
    assert (folder / "file.bin").read_bytes() == CONTENT
    assert sorted(p.name for p in folder.iterdir()) == ["file.bin"]


def test_a_broken_download_is_resumed(server, monkeypatch, tmp_path):
    Server.files, Server.breaks = {"file.bin": CONTENT}, 2
    run(monkeypatch, tmp_path, raw_file(f"{server}/file.bin"))
    assert (tmp_path / "fashion_mnist/file.bin").read_bytes() == CONTENT
    assert Server.ranges == [None, "bytes=512000-", "bytes=768000-"]


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n400\r\nbroken off"


@pytest.mark.parametrize("fault", [b"", b"nonsense\r\n\r\n", CHUNKED])
def test_a_broken_response_is_tried_again(fault, server, monkeypatch, tmp_path):
    Server.files, Server.faults = {"file.bin": CONTENT}, [fault]
    run(monkeypatch, tmp_path, raw_file(f"{server}/file.bin"))
    assert (tmp_path / "fashion_mnist/file.bin").read_bytes() == CONTENT
    assert len(Server.ranges) == 2


def test_a_damaged_archive_is_fetched_anew(server, monkeypatch, tmp_path):
    packed = gzip.compress(CONTENT)
    damaged = bytearray(packed)
    damaged[10] |= 0b110  # a block type that deflate does not have
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(damaged)
    Server.files, Server.faults = {"file.bin.gz": packed}, [head + damaged]
    run(monkeypatch, tmp_path, raw_file(f"{server}/file.bin.gz"))
    assert (tmp_path / "fashion_mnist/file.bin").read_bytes() == CONTENT
    assert Server.ranges == [None, None]


def test_error_of_a_failed_download_says_what_to_do(server, monkeypatch, tmp_path):
    with pytest.raises(DataError, match=r"cannot be downloaded .*404.*HARNESS_DATA_MIRROR"):
        run(monkeypatch, tmp_path, raw_file(f"{server}/none.bin"))


def test_a_wrong_digest_is_named_and_the_file_set_aside(server, monkeypatch, tmp_path):
    Server.files = {"file.bin": b"other"}
    expected = hashlib.sha256(CONTENT).hexdigest()
    found = hashlib.sha256(b"other").hexdigest()
    with pytest.raises(DataError) as error:
        run(monkeypatch, tmp_path, raw_file(f"{server}/file.bin"))
    assert expected in str(error.value)
    assert found in str(error.value)
    assert (tmp_path / "fashion_mnist/file.bin.rejected").read_bytes() == b"other"
    assert not (tmp_path / "fashion_mnist/file.bin").exists()


def test_download_addresses_are_torchvisions():
    from torchvision.datasets import FashionMNIST as Theirs

    ours = {url for file in FashionMNIST.files for url in file.urls}
    assert ours == {f"{m}{name}" for m in Theirs.mirrors for name, _ in Theirs.resources}


def test_an_array_is_downloaded_in_matlabs_container_and_kept_in_numpys(
    server, monkeypatch, tmp_path
):
    values = np.arange(60, dtype=np.uint16).reshape(3, 4, 5)
    scipy.io.savemat(tmp_path / "cube.mat", {"cube": values})
    Server.files = {"cube.mat": (tmp_path / "cube.mat").read_bytes()}
    urls = ("package:no-such-package/file.npy", f"{server}/cube.mat")
    file = RawFile("file.npy", urls, ((array_digest(values), "it"),))
    folder = tmp_path / "fashion_mnist"
    assert run(monkeypatch, tmp_path, file) == {"file.npy": f"it, from {server}/cube.mat"}
    assert [path.name for path in folder.iterdir()] == ["file.npy"]
    assert np.array_equal(np.load(folder / "file.npy"), values)
    (folder / "file.npy").unlink()
    other = RawFile("file.npy", urls, ((array_digest(values + 1), "it"),))
    with pytest.raises(DataError, match=r"file\.mat: digest .* set aside as file\.mat\.rejected"):
        run(monkeypatch, tmp_path, other)
