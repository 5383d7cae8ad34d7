import sys

import pytest

from harness.core.errors import InputError
from harness.core.plugins import Registry
from harness.policies import POLICIES
from harness.regimes import REGIMES, Regime


def test_names_are_the_files_of_the_package():
    assert {"joint", "hard_cgt", "soft_cgt", "single_exit"} <= set(REGIMES.names())


def test_get_takes_the_one_subclass():
    assert issubclass(REGIMES.get("joint"), Regime)


def test_error_for_an_unknown_name_lists_the_known_ones():
    with pytest.raises(
        InputError, match=r"'jont' in regimes; did you mean 'joint'\? Known: .*joint"
    ):
        REGIMES.get("jont")


def test_names_are_listed_without_importing_the_plugins(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    folder = tmp_path / "listed_only"
    folder.mkdir()
    for name in ("__init__", "one", "shared"):
        (folder / f"{name}.py").write_text("" if name == "__init__" else "raise SystemExit")
    assert Registry("listed_only", Regime, ("shared",)).names() == ("one",)
    assert "listed_only.one" not in sys.modules


def test_a_summary_is_the_first_line_of_the_docstring():
    assert REGIMES.summary("joint").startswith("Joint training of all exits")


def test_the_code_of_a_plugin_is_what_its_digest_is_of():
    code = POLICIES.code("max_softmax")
    assert code.module == "harness.policies.max_softmax"
    assert set(code.modules) == {"harness.policies", "harness.policies.max_softmax"}
    assert code.digest == POLICIES.source_digest("max_softmax")
    with pytest.raises(InputError, match="unknown name 'none' in policies"):
        POLICIES.code("none")
