"""Which backend runs an export's stages, and what is said where none does."""

import numpy as np
import pytest

from harness.export import runtime_stages
from harness.export.runtime_stages import load_stages

TORCH, ONNX = {"torch": ["a.pt2"]}, {"onnx": ["a.onnx"]}


@pytest.fixture
def installed(monkeypatch, tmp_path):
    """Lets some packages be installed; a stage then gives the name of its file and backend."""

    def only(*names):
        monkeypatch.setattr(runtime_stages, "find_spec", lambda name: name in names or None)
        for backend in ("torch", "onnx"):
            stage = f"{backend} "
            loaded = lambda file, stage=stage: stage + file.name  # noqa: E731
            monkeypatch.setattr(runtime_stages, f"_{backend}_stage", loaded)
        return tmp_path

    return only


@pytest.mark.parametrize(
    ("packages", "files", "backend", "found"),
    [
        (["torch", "onnxruntime"], TORCH | ONNX, None, "torch a.pt2"),
        (["onnxruntime"], TORCH | ONNX, None, "onnx a.onnx"),
        (["torch", "onnxruntime"], TORCH | ONNX, "onnx", "onnx a.onnx"),
        (["torch", "onnxruntime"], ONNX, None, "onnx a.onnx"),
    ],
)
def test_the_first_that_is_there_and_installed_is_taken(installed, packages, files, backend, found):
    assert load_stages(installed(*packages), files, backend) == (found,)


@pytest.mark.parametrize(
    ("files", "backend", "message"),
    [
        (TORCH | ONNX, None, "need torch or onnxruntime, not installed: pip install torch or"),
        (ONNX, None, "need onnxruntime, not installed: pip install onnxruntime"),
        (ONNX, "torch", "backend torch: no stages in the export, which holds those of onnx"),
    ],
)
def test_where_none_is_it_says_what_to_install(installed, files, backend, message):
    with pytest.raises(ValueError, match=message):
        load_stages(installed(), files, backend)


@pytest.mark.job
def test_onnx_gives_what_torch_gives_for_every_sample(study, tmp_path):
    pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    from harness.export.runtime import EarlyExitRuntime

    for regime, policy in (("boosted", "geometric_ensemble"), ("learned_gate", "learned_gate")):
        record, key = study.under(policy), study.key(regime)
        folder = tmp_path / regime
        study.export(key, (0.6, 0.6), folder, record, formats=("torch", "onnx"))
        torch, onnx = (EarlyExitRuntime(folder, name) for name in ("torch", "onnx"))
        for inputs in (study.raw("test"), study.raw("test")[:1]):
            for batch in (7, 1000):
                expected, found = torch.predict(inputs, batch), onnx.predict(inputs, batch)
                np.testing.assert_array_equal(found.labels, expected.labels)
                np.testing.assert_array_equal(found.exits, expected.exits)
                np.testing.assert_allclose(found.confidence, expected.confidence, atol=1e-5)
        assert str(tmp_path).encode() not in (folder / "stage_1.onnx").read_bytes()
        assert b"programs.py" not in (folder / "stage_1.onnx").read_bytes()
