"""Workers that are started for a launch: what Slurm and SSH are told, and TLS on the loopback."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from dask_jobqueue.slurm import SLURMCluster

from harness.core.errors import InputError
from harness.study.executors import dask_cluster
from harness.study.executors.profile import make_profile, read_profile
from tests.conftest import REPOSITORY
from tests.study.executors.hosts import Network, namespaces_work


def slurm_script(profile):
    arguments = dask_cluster.slurm_arguments(profile, profile.cluster)
    arguments |= {"interface": "lo"}  # the shipped one need not be on this machine
    with SLURMCluster(**arguments, n_workers=0) as cluster:
        return cluster.job_script()


def test_the_shipped_profile_makes_a_job_of_slurm():
    """Slurm itself is not here: this is the job that it would be given."""
    file = REPOSITORY / "deploy" / "slurm.yaml"
    profile = make_profile(read_profile(file), str(file))
    script = slurm_script(profile)
    for line in ("#SBATCH -p gpu", "#SBATCH -n 1", "#SBATCH --cpus-per-task=1", "#SBATCH --mem=8G"):
        assert line in script.splitlines()
    assert "#SBATCH --gres=gpu:1" in script
    assert "--nthreads 1 " in script
    assert "--nanny" in script
    assert "--resources GPU=1" in script
    assert (profile.device, profile.known_workers) == ("cuda", 8)


def test_a_job_has_a_core_for_each_of_its_processes():
    plain = {
        "cluster": {"kind": "slurm", "workers": 4, "slurm": {"processes": 2, "queue": "cpu"}},
    }
    script = slurm_script(make_profile(plain, "p"))
    assert "#SBATCH --cpus-per-task=2" in script
    assert "--nthreads 1 " in script
    assert "--nworkers 2 " in script
    assert "--resources" not in script


def test_what_ssh_is_told():
    plain = {
        "cluster": {"kind": "ssh", "hosts": ["h", "a"], "workers": 2, "python": "/opt/bin/python"},
        "resources": {"GPU": 1},
    }
    profile = make_profile(plain, "p")
    told = dask_cluster.ssh_arguments(profile, profile.cluster)
    assert (told["hosts"], told["remote_python"]) == (["h", "a"], "/opt/bin/python")
    assert told["scheduler_options"]["host"] == "h"
    expected = {"nthreads": 1, "n_workers": 2, "memory_limit": 0, "resources": {"GPU": 1.0}}
    assert told["worker_options"] == expected


def test_nobody_listens():
    profile = make_profile({"scheduler": "tcp://127.0.0.1:9", "patience": 0.5}, "p")
    with pytest.raises(InputError, match=r"tcp://127\.0\.0\.1:9: no Dask scheduler answers"):
        dask_cluster.connect(profile)


def joined(connection):
    """The workers of a connection, as soon as there is one."""
    deadline = time.monotonic() + 300
    while not (found := connection.workers()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return found


@pytest.mark.job
@pytest.mark.skipif(not namespaces_work(), reason="a host of its own, for port 22, takes root")
def test_workers_are_started_by_ssh(tmp_path, monkeypatch):
    network = Network(tmp_path, real=True)
    try:
        host = network.host("ssh")
        server = "tests.study.executors.ssh_server"
        host.start(sys.executable, "-m", server, host.address, str(host.folder))
        monkeypatch.setenv("HOME", str(host.folder))  # with the key of the host
        deadline = time.monotonic() + 300
        while not (host.folder / ".ssh" / "known_hosts").is_file():
            assert time.monotonic() < deadline
            time.sleep(0.1)
        plain = {"kind": "ssh", "hosts": [host.address] * 2, "python": sys.executable}
        resources = {"resources": {"GPU": 1}, "patience": 120.0}
        connection = dask_cluster.connect(make_profile({"cluster": plain, **resources}, "p"))
        try:
            (worker,) = joined(connection)
            assert worker.startswith(f"tcp://{host.address}:")
            task = connection.client.submit(Path.cwd, workers=[worker], resources={"GPU": 1})
            assert task.result(timeout=300) == host.folder
        finally:
            connection.close([])
    finally:
        network.close()


def certificates(folder):
    """An authority and a certificate of it, made by openssl."""
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    authority = [*make, "-subj", "/CN=authority", "-keyout", "ca-key.pem", "-out", "ca.pem"]
    own = [*make, "-subj", "/CN=harness", "-CA", "ca.pem", "-CAkey", "ca-key.pem"]
    for command in (authority, [*own, "-keyout", "k.pem", "-out", "c.pem"]):
        subprocess.run(command, cwd=folder, check=True, capture_output=True)


@pytest.mark.job
def test_with_tls_nobody_without_a_certificate_gets_in(tmp_path):
    certificates(tmp_path)
    tls = {name: str(tmp_path / f"{file}.pem") for name, file in (("ca", "ca"), ("cert", "c"))}
    plain = {"cluster": {"kind": "local", "workers": 1}, "patience": 30.0}
    plain["tls"] = {**tls, "key": str(tmp_path / "k.pem")}
    connection = dask_cluster.connect(make_profile(plain, "p"))
    try:
        found = joined(connection)
        assert connection.address.startswith("tls://127.0.0.1:")
        assert all(worker.startswith("tls://127.0.0.1:") for worker in found)
        assert connection.client.submit(sum, [1, 2]).result(timeout=300) == 3
        for other in ("tls", "tcp"):
            address = connection.address.replace("tls", other)
            # No certificate; no TLS. In a process of its own, which leaves without cleaning up:
            # what is left of a client that could not connect may wait for itself.
            code = (
                "import os\nfrom distributed import Client\n"
                f"try: Client({address!r}, timeout=2)\nexcept OSError: os._exit(1)\nos._exit(0)"
            )
            intruder = [sys.executable, "-c", code]
            done = subprocess.run(intruder, check=False, capture_output=True, timeout=120)
            assert done.returncode == 1
    finally:
        connection.close([])
