import subprocess
import sys

import pytest

from harness.core.errors import InputError
from harness.regimes import REGIMES, Regime


def test_names_are_the_files_of_the_package():
    assert {"joint", "hard_cgt", "soft_cgt", "single_exit"} <= set(REGIMES.names())


def test_get_takes_the_one_subclass():
    assert issubclass(REGIMES.get("joint"), Regime)


def test_unknown_name_tells_the_known_ones():
    with pytest.raises(InputError, match=r"unknown name 'jont' in regimes; known: .*joint"):
        REGIMES.get("jont")


def test_summaries_are_read_without_importing_the_plugins():
    code = (
        "import sys; from harness.exits import CONFIDENCES; "
        "print([CONFIDENCES.summary(n) for n in CONFIDENCES.names()]); "
        "assert not any(m.startswith('harness.exits.confidences.') for m in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Largest softmax probability." in done.stdout
