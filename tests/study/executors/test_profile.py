"""Profiles of clusters: what they say, and what is refused with file and field."""

import pytest

from harness.core.errors import InputError
from harness.core.yaml_file import parse_yaml
from harness.study.executors.profile import make_profile, parse_cluster, read_profile


def made(text):
    return make_profile(parse_yaml(text, "p.yaml"), "p.yaml")


def test_a_profile_of_a_scheduler():
    profile = made("{scheduler: 'tcp://127.0.0.1:8786', device: cuda, resources: {GPU: 1}}")
    assert (profile.known_workers, profile.shares_files, profile.is_open) == (None, False, False)
    assert made("{scheduler: 'tcp://10.0.0.4:8786', workers: 3, shared: true}").shares_files
    assert made("{scheduler: 'tcp://10.0.0.4:8786', workers: 3}").known_workers == 3
    assert made("scheduler: tcp://10.0.0.4:8786").is_open


@pytest.mark.parametrize(
    ("cluster", "workers", "shared", "is_open"),
    [
        ("{kind: local, workers: 2}", 2, True, False),
        ("{kind: ssh, hosts: [a, b, c], workers: 2}", 4, False, True),  # a runs the scheduler
        ("{kind: slurm, workers: 8, slurm: {queue: gpu}}", 8, False, True),
    ],
)
def test_a_profile_of_own_workers(cluster, workers, shared, is_open):
    profile = made(f"cluster: {cluster}")
    found = (profile.known_workers, profile.shares_files, profile.is_open)
    assert found == (workers, shared, is_open)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{}", "p.yaml: give either `scheduler` or `cluster`"),
        ("{scheduler: 'tcp://a:1', cluster: {kind: local, workers: 1}}", "give either"),
        ("scheduler: a:8786", "scheduler: tcp://HOST:PORT or tls://HOST:PORT, not 'a:8786'"),
        ("scheduler: tls://a:8786", "a tls:// address and `tls` go together"),
        ("{scheduler: 'tcp://a:1', devise: cpu}", "p.yaml: devise: "),
        ("{scheduler: 'tcp://a:1', device: tpu}", "p.yaml: device: .*'tpu'"),
        ("{scheduler: 'tcp://a:1', resources: {GPU: 0}}", "p.yaml: resources.GPU: .*found 0"),
        ("cluster: {kind: local}", "p.yaml: cluster.workers: "),
        ("cluster: {kind: cloud}", "p.yaml: cluster: .*'local', 'ssh', 'slurm'"),
        ("{cluster: {kind: local, workers: 1}, workers: 2}", "`workers` stands below `cluster`"),
        ("cluster: {kind: ssh, hosts: [a]}", "p.yaml: cluster.hosts: .*at least 2"),
    ],
)
def test_what_is_wrong_is_named(text, said):
    with pytest.raises(InputError, match=said):
        made(text)


def test_files_of_tls_lie_beside_the_profile(tmp_path):
    file = tmp_path / "p.yaml"
    tls = "{ca: ca.pem, cert: c.pem, key: k.pem}"
    file.write_text(f"{{scheduler: 'tls://10.0.0.4:8786', tls: {tls}}}")
    with pytest.raises(InputError, match=rf"p: tls\.ca: no such file: {tmp_path}/ca\.pem"):
        make_profile(read_profile(file), "p")
    for name in ("ca", "c", "k"):
        (tmp_path / f"{name}.pem").touch()
    profile = make_profile(read_profile(file), "p")
    assert profile.tls.key == str(tmp_path / "k.pem")
    assert not profile.is_open


def test_clusters_of_the_command_line(tmp_path):
    assert parse_cluster("local:3") == {"cluster": {"kind": "local", "workers": 3}}
    hosts = tmp_path / "hosts"
    hosts.write_text("# the scheduler\nhead\n\nnode1  # two GPUs\n")
    assert parse_cluster(f"ssh:{hosts}") == {"cluster": {"kind": "ssh", "hosts": ["head", "node1"]}}
    slurm = tmp_path / "slurm.yaml"
    slurm.write_text("{cluster: {kind: slurm, workers: 2}, device: cuda}")
    assert parse_cluster(f"slurm:{slurm}")["device"] == "cuda"
    slurm.write_text("cluster: {kind: local, workers: 2}")
    with pytest.raises(InputError, match="cluster: a mapping with `kind: slurm` expected"):
        parse_cluster(f"slurm:{slurm}")
    with pytest.raises(InputError, match=r"ssh:.*nowhere: cannot be read"):
        parse_cluster(f"ssh:{tmp_path / 'nowhere'}")
    for text in ("local", "local:0", "local:two", "kubernetes:3"):
        with pytest.raises(InputError, match=f"--cluster {text}: allowed are local:N"):
            parse_cluster(text)
