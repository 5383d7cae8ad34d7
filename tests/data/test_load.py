import dataclasses
import json

import numpy as np
import pytest
import yaml

from harness.core import result_format
from harness.core.errors import DataError, InputError
from harness.core.manifest import SplitSpec
from harness.core.result_format import RESULT_FORMAT
from harness.data.load import ensure, load, task_of_split
from harness.data.named_splits import read_splits
from harness.data.prepare import digest, prepare_split, read_manifest
from harness.data.sets import DATASETS, RawData
from harness.data.splits import SplitIndices
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
    sizes = {name: len(part.labels) for name, part in split.parts.items()}
    assert sizes == {"train": 898, "validation": 449, "calibration": 180, "test": 270}
    assert {part: sum(counts) for part, counts in manifest.counts.items()} == sizes
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
def test_every_split_of_the_repository_loads(name, project, request):
    folder = request.getfixturevalue("mirror") if name == "fashion_mnist" else None
    manifest = ensure(project, name, folder, quiet)
    split = load(project, name)
    assert split.shape == manifest.shape
    assert all(n > 0 for n in manifest.counts["train"])
    if name.startswith("indian_pines"):
        assert manifest.provenance == f"{manifest.spec.dataset} (canonical cube of UPV/EHU)"
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


@pytest.fixture(scope="module")
def bands():
    """A small made-up scene with all that a data set may have, and a split of it."""
    spec = SplitSpec(dataset="indian_pines", train=0.5, validation=0.25)
    numbers = np.arange(8)
    data = RawData(
        values=np.arange(24, dtype=np.int16).reshape(2, 4, 3),
        labels=numbers % 2,
        positions=np.stack([numbers // 4, numbers % 4], axis=1),
        test=numbers[6:],
        targets=numbers[:, None] / 4,
    )
    return spec, data, SplitIndices(numbers[:4], numbers[4:6], numbers[6:])


def test_the_digest_tells_a_spec_from_another_however_it_is_written(bands):
    spec, *rest = bands
    written = SplitSpec.model_validate(spec.model_dump() | {"parameters": {"patch": 1}, "seed": 0})
    assert written != spec
    assert digest(written, *rest) == digest(spec, *rest)
    other = spec.model_copy(update={"parameters": {"patch": 3}})
    assert digest(other, *rest) != digest(spec, *rest)


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(RawData)])
@pytest.mark.parametrize(
    "change",
    [
        lambda array: array[::-1],
        lambda array: array.reshape(array.shape[::-1] if array.ndim > 1 else (-1, 1)),
        lambda array: array.view(f"u{array.dtype.itemsize}"),
    ],
    ids=["content", "shape", "type"],
)
def test_the_digest_follows_every_raw_array(bands, field, change):
    spec, data, indices = bands
    changed = dataclasses.replace(data, **{field: change(getattr(data, field))})
    assert digest(spec, changed, indices) != digest(spec, data, indices)


def test_the_digest_follows_the_indices_and_the_part_that_they_are_of(bands):
    spec, data, indices = bands
    swapped = dataclasses.replace(indices, validation=indices.test, test=indices.validation)
    assert digest(spec, data, swapped) != digest(spec, data, indices)


def test_the_digest_follows_the_code_of_the_data_set(bands, monkeypatch):
    before = digest(*bands)
    monkeypatch.setattr(DATASETS, "source_digest", lambda name: f"other code of {name}")
    assert digest(*bands) != before


def test_a_split_made_by_other_code_is_prepared_again(project, monkeypatch):
    first = ensure(project, "digits", None, quiet)
    monkeypatch.setattr(DATASETS, "source_digest", lambda _: "other code")
    with pytest.raises(DataError, match=r"split digits: digest .* found, .*harness data prepare"):
        load(project, "digits")
    second = ensure(project, "digits", None, quiet)
    assert second.code == "other code" != first.code
    assert load(project, "digits").digest == second.digest != first.digest


@pytest.mark.parametrize("later", [False, True])
def test_a_split_of_another_format_is_told_and_prepared_again(project, monkeypatch, later):
    first = ensure(project, "digits", None, quiet)
    path = project.prepared / "digits" / "manifest.json"
    if later:
        monkeypatch.setattr(result_format, "RESULT_FORMAT", RESULT_FORMAT + 1)
    else:
        plain = json.loads(path.read_text())
        path.write_text(json.dumps({k: v for k, v in plain.items() if k not in {"format", "code"}}))
    found, current = (RESULT_FORMAT, RESULT_FORMAT + 1) if later else (2, RESULT_FORMAT)
    expected = f"format {found}, this version reads {current}"
    with pytest.raises(DataError, match=rf"manifest.json: {expected}: `harness data prepare digi"):
        load(project, "digits")
    assert ensure(project, "digits", None, quiet).digest == first.digest
    assert load(project, "digits").digest == first.digest


def test_a_manifest_from_before_there_were_tasks_is_of_a_classification(project):
    manifest = ensure(project, "digits", None, quiet)
    path = project.prepared / "digits" / "manifest.json"
    plain = json.loads(path.read_text())
    del plain["task"], plain["scales"]
    path.write_text(json.dumps(plain))
    assert read_manifest(project.prepared, "digits") == manifest
    assert manifest.task == "classification"


def test_no_test_pixel_lies_in_a_training_patch(project):
    name = "indian_pines-patch-spatial"
    spec = ensure(project, name, None, quiet).spec
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
        "raw/indian_pines/Indian_pines_gt.npy",
    ],
)
def test_what_is_lost_is_made_again(lost, project):
    name = "indian_pines-spectrum-10"
    first = ensure(project, name, None, quiet)
    (project.root / "data" / lost).unlink()
    assert ensure(project, name, None, quiet) == first
    assert load(project, name).digest == first.digest


def test_a_cube_swapped_after_its_fetch_is_refused(project):
    name = "indian_pines-spectrum-10"
    first = ensure(project, name, None, quiet)
    path = project.raw / "indian_pines" / "Indian_pines_corrected.npy"
    cube = np.load(path)
    cube[0, 0, 0] += 1
    np.save(path, cube)
    swapped = path.read_bytes()
    for read in (
        lambda: ensure(project, name, None, quiet),
        lambda: load(project, name),
        lambda: prepare_split(name, first.spec, project.raw, project.prepared),
    ):
        path.write_bytes(swapped)
        with pytest.raises(DataError, match=r"Indian_pines_corrected.npy: digest .* was set aside"):
            read()
        with pytest.raises(DataError, match=r"no such file; `harness data fetch indian_pines`"):
            load(project, name)
    assert ensure(project, name, None, quiet) == first


def test_a_raw_file_that_cannot_be_read_is_a_clear_error(project):
    name = "indian_pines-spectrum-10"
    ensure(project, name, None, quiet)
    path = project.raw / "indian_pines" / "Indian_pines_gt.npy"
    path.unlink()
    path.mkdir()
    with pytest.raises(DataError, match=r"Indian_pines_gt.npy: no such file"):
        load(project, name)


def test_labels_outside_the_classes_are_refused_before_training(project, monkeypatch):
    plugin = DATASETS.get("digits")
    sound = plugin().read(project.raw)
    counted_from_1 = dataclasses.replace(sound, labels=sound.labels + 1)
    monkeypatch.setattr(plugin, "read", lambda *_: counted_from_1)
    message = r"data set digits: \d+ labels outside its classes, found 10; allowed is 0 to 9"
    with pytest.raises(DataError, match=message):
        ensure(project, "digits", None, quiet)
    assert not project.prepared.exists()


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


def test_parameters_of_a_split_are_checked(project):
    change(project, "indian_pines-patch-10", parameters={"patch": 4})
    with pytest.raises(InputError, match="patch must be odd, found 4"):
        ensure(project, "indian_pines-patch-10", None, quiet)
    change(project, "digits", kind="spatial")
    with pytest.raises(InputError, match="split digits: kind: digits has no positions"):
        ensure(project, "digits", None, quiet)


def test_every_split_is_of_a_known_data_set():
    splits = read_splits(REPOSITORY / "params.yaml")
    assert {spec.dataset for spec in splits.values()} <= set(DATASETS.names())
