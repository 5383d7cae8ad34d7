import dataclasses
import json

import numpy as np
import pytest
import scipy.io
import yaml

from harness.core.errors import DataError, InputError
from harness.data.load import ensure, load, task_of_split
from harness.data.prepare import digest, prepare_split, read_manifest, read_split_indices
from harness.data.sets import DATASETS
from harness.data.splits import read_splits
from tests.conftest import REPOSITORY


def quiet(*_):
    pass


def change(project, split, **fields):
    plain = yaml.safe_load(project.splits.read_text())
    plain["splits"][split] |= fields
    project.splits.write_text(yaml.safe_dump(plain))


def test_a_prepared_split_is_loaded_with_its_digest(project):
    manifest = ensure(project, "digits", None, quiet)
    split = load(project, "digits")
    assert split.digest == manifest.digest
    assert [len(p.labels) for p in (split.train, split.validation, split.test)] == [898, 449, 450]
    assert split.train.inputs.shape[1:] == manifest.input_shape == (1, 8, 8)
    assert split.train.inputs.mean() == pytest.approx(0, abs=1e-5)


def test_the_digest_follows_the_spec_and_nothing_else(project):
    first = ensure(project, "digits", None, quiet)
    assert ensure(project, "digits", None, quiet) == first
    change(project, "digits", seed=1)
    second = ensure(project, "digits", None, quiet)
    change(project, "digits", seed=0)
    assert ensure(project, "digits", None, quiet).digest == first.digest != second.digest


@pytest.mark.parametrize("name", list(read_splits(REPOSITORY / "params.yaml")))
def test_every_split_of_the_repository_loads(name, project, mirror):
    manifest = ensure(project, name, mirror, quiet)
    split = load(project, name)
    assert split.shape == manifest.shape
    assert all(n > 0 for n in manifest.counts["train"])
    if name.startswith("indian_pines"):
        assert manifest.provenance == f"{manifest.spec.dataset} (reconstructed cube)"
    assert manifest.task == split.task == task_of_split(project.splits, name)
    assert manifest.shape == split.shape


def test_the_manifest_of_a_regression_holds_targets_and_scale(project):
    manifest = ensure(project, "diabetes", None, quiet)
    split = load(project, "diabetes")
    assert manifest.classes == split.classes == ("disease progression",)
    assert manifest.counts == {"train": (221,), "validation": (110,), "test": (111,)}
    data = DATASETS.get("diabetes")().read(project.raw / "diabetes")
    with np.load(project.prepared / "diabetes" / "indices.npz") as indices:
        train, test = data.targets[indices["train"]], data.targets[indices["test"]]
    assert manifest.scales == pytest.approx([train.std()])
    assert manifest.error_scale == manifest.scales[0]
    assert split.train.labels == pytest.approx((train - train.mean()) / train.std(), abs=1e-5)
    assert split.test.labels == pytest.approx((test - train.mean()) / train.std(), abs=1e-5)
    several = manifest.model_copy(update={"scales": (3.0, 4.0)})
    assert several.error_scale == 1


def test_changed_targets_change_the_digest(project):
    spec = ensure(project, "diabetes", None, quiet).spec
    data = DATASETS.get("diabetes")().read(project.raw)
    indices = read_split_indices(project.prepared, "diabetes")
    other = dataclasses.replace(data, targets=data.targets + 1)
    assert digest(spec, data, indices) != digest(spec, other, indices)


def test_a_manifest_from_before_there_were_tasks_is_of_a_classification(project):
    manifest = ensure(project, "digits", None, quiet)
    path = project.prepared / "digits" / "manifest.json"
    plain = json.loads(path.read_text())
    del plain["task"], plain["scales"]
    path.write_text(json.dumps(plain))
    assert read_manifest(project.prepared, "digits") == manifest
    assert manifest.task == "classification"


def test_no_test_pixel_lies_in_a_training_patch(project, mirror):
    name = "indian_pines-patch-spatial"
    spec = ensure(project, name, mirror, quiet).spec
    positions = (
        DATASETS.get("indian_pines")(**spec.parameters).read(project.raw / "indian_pines").positions
    )
    with np.load(project.prepared / name / "indices.npz") as indices:
        train, test = positions[indices["train"]], positions[indices["test"]]
    assert np.abs(test[:, None] - train[None]).max(-1).min() > 2


@pytest.mark.parametrize(
    "lost",
    [
        "prepared/indian_pines-spectrum-10/manifest.json",
        "prepared/indian_pines-spectrum-10/indices.npz",
        "raw/indian_pines/Indian_pines_gt.mat",
    ],
)
def test_what_is_lost_is_made_again(lost, project, mirror):
    name = "indian_pines-spectrum-10"
    first = ensure(project, name, mirror, quiet)
    (project.root / "data" / lost).unlink()
    assert ensure(project, name, mirror, quiet) == first
    assert load(project, name).digest == first.digest


def test_a_cube_swapped_after_its_fetch_is_refused(project, mirror):
    name = "indian_pines-spectrum-10"
    spec = ensure(project, name, mirror, quiet).spec
    path = project.raw / "indian_pines" / "Indian_pines_corrected.mat"
    cube = scipy.io.loadmat(path)["indian_pines_corrected"]
    cube[0, 0, 0] += 1
    scipy.io.savemat(path, {"indian_pines_corrected": cube})
    with pytest.raises(DataError, match=r"Indian_pines_corrected.mat: digest .* was set aside"):
        load(project, name)
    with pytest.raises(DataError, match=r"Indian_pines_corrected.mat: no such file; .*data fetch"):
        prepare_split(name, spec, project.raw, project.prepared)


def test_changed_indices_are_noticed(project):
    ensure(project, "digits", None, quiet)
    path = project.prepared / "digits" / "indices.npz"
    with np.load(path) as found:
        parts = {name: found[name] for name in found.files}
    np.savez(path, **(parts | {"train": parts["train"][1:]}))
    with pytest.raises(DataError, match=r"split digits: digest .* found, .* in its manifest"):
        load(project, "digits")
    np.savez(path, **(parts | {"train": parts["test"]}))
    with pytest.raises(DataError, match=r"indices\.npz: .*overlap; `harness data prepare digits`"):
        load(project, "digits")
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(DataError, match="not readable"):
        load(project, "digits")


def test_a_damaged_or_missing_manifest_is_a_clear_error(project):
    with pytest.raises(DataError, match="no such split; `harness data prepare digits`"):
        load(project, "digits")
    ensure(project, "digits", None, quiet)
    path = project.prepared / "digits" / "manifest.json"
    plain = json.loads(path.read_text())
    path.write_text(json.dumps(plain | {"digest": None}))
    with pytest.raises(DataError, match=r"manifest.json: digest: .*valid string, found None"):
        read_manifest(project.prepared, "digits")


def test_parameters_of_a_split_are_checked(project, mirror):
    change(project, "indian_pines-patch-10", parameters={"patch": 4})
    with pytest.raises(InputError, match="patch must be odd, found 4"):
        ensure(project, "indian_pines-patch-10", mirror, quiet)
    change(project, "digits", kind="spatial")
    with pytest.raises(InputError, match="split digits: kind: digits has no positions"):
        ensure(project, "digits", None, quiet)


def test_every_split_is_of_a_known_data_set():
    splits = read_splits(REPOSITORY / "params.yaml")
    assert {spec.dataset for spec in splits.values()} <= set(DATASETS.names())
