"""What tests of studies share: changed copies of the quickstart."""

import pytest
import yaml

from tests.conftest import REPOSITORY


@pytest.fixture
def written(tmp_path):
    """Writes a changed copy of the quickstart."""

    def write(**changes):
        plain = yaml.safe_load((REPOSITORY / "studies" / "quickstart.yaml").read_text())
        for dotted, value in changes.items():
            section = plain
            *parents, last = dotted.split("__")
            for parent in parents:
                section = section[parent]
            section[last] = value
        path = tmp_path / "study.yaml"
        path.write_text(yaml.safe_dump(plain))
        return path

    return write
