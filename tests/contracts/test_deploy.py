"""What `deploy/` starts: commands that exist, on ports that this machine alone reaches."""

import re

import pytest
import yaml
from distributed.cli import dask_scheduler, dask_worker

from tests.conftest import REPOSITORY

SERVICES = yaml.safe_load((REPOSITORY / "deploy" / "compose.yaml").read_text())["services"]
CLUSTERS = (REPOSITORY / "docs" / "clusters.md").read_text()
COMMANDS = {"scheduler": dask_scheduler.main, "worker": dask_worker.main}


def test_ports_are_published_on_the_loopback_alone():
    published = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert len(published) == 3
    assert all(port.startswith("127.0.0.1:") for port in published)


@pytest.mark.parametrize("name", COMMANDS)
def test_dask_takes_the_commands_of_the_compose_file(name):
    program, kind, *arguments = SERVICES[name]["command"]
    assert (program, kind) == ("dask", name)
    COMMANDS[name].make_context(kind, arguments)


def test_dask_takes_the_commands_of_the_page():
    shown = re.findall(r"^\w+\$ +(?:\w+=\S+ )*dask (\w+) (.*)$", CLUSTERS, re.MULTILINE)
    assert [kind for kind, _ in shown] == ["scheduler", "worker", "worker"]
    for kind, arguments in shown:
        COMMANDS[kind].make_context(kind, arguments.split())
