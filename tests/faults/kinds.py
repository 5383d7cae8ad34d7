"""Every kind of file that harness reads: valid ones, and the way by which a command reads them."""

import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.io
import yaml

from harness.core.errors import DataError
from harness.core.manifest import SplitSpec
from harness.core.records import read_record, write_record
from harness.core.study_spec import StudySpec
from harness.data.load import task_of_split
from harness.data.named_splits import find_split, read_splits
from harness.data.prepare import read_manifest, read_raw, read_split_indices
from harness.data.source_arrays import read_source_array
from harness.results import failures, study_record, trials
from harness.results.confirmation import confirmed, read_test_samples
from harness.results.failures import Failure, FailureFacts, write_failure
from harness.results.launches import add_launch, read_launches
from harness.results.remedies import IMPORT
from harness.results.stamp import STAMP, Stamp, outdated
from harness.study.checks import check
from harness.study.imported.description import Description, read_description
from harness.study.imported.entries import stored_entries, take_in_networks
from harness.study.imported.layout import found_places
from harness.study.imported.records import Contents, search_record
from harness.study.imported.write import import_outputs
from harness.study.merge import found_studies, merge_studies
from harness.study.plan import plan_notes, smoke
from harness.study.study_file import read_study
from tests.conftest import REPOSITORY
from tests.faults.mutations import as_json, as_yaml, in_bytes, in_text, in_tree
from tests.made_up import MANIFEST, make_confirmation, make_study
from tests.study.imported.outputs import write

SPLITS = REPOSITORY / "params.yaml"
STUDIES = sorted((REPOSITORY / "studies").glob("*.yaml"))


@dataclass(frozen=True)
class Base:
    """A valid file: its content, and how its structure is read and written (None: bytes alone)."""

    path: Path
    read: Callable[[bytes], object] | None = None
    write: Callable[[object], bytes] | None = None

    @property
    def content(self) -> bytes:
        return self.path.read_bytes()


@dataclass(frozen=True)
class Kind:
    """Files of one kind; `use` reads what a mutation made of one of them."""

    bases: tuple[Base, ...]
    use: Callable[[], object]

    def mutated(self, index, structural, steps):
        """Of one base the path and the mutated content."""
        base = self.bases[index % len(self.bases)]
        if structural and base.read:
            return base.path, base.write(in_tree(base.read(base.content), steps))
        if base.read:
            text = in_text(base.content.decode(), steps)
            return base.path, text.encode("utf-8", "surrogatepass")
        return base.path, in_bytes(base.content, steps)


def yaml_base(path):
    return Base(path, yaml.safe_load, as_yaml)


def json_base(path):
    return Base(path, json.loads, as_json)


def lines_base(path):
    def read(content):
        return [json.loads(line) for line in content.splitlines()]

    def write(lines):
        listed = lines if isinstance(lines, list) else [lines]
        return b"".join(as_json(line) + b"\n" for line in listed)

    return Base(path, read, write)


def study_files(folder):
    """Study files, checked and planned as `harness launch --dry-run` does."""

    def of(source):
        path = Path(shutil.copy(source, folder))

        def use():
            study = read_study(path)
            check(study, str(path), task_of_split(SPLITS, study.split))
            plan_notes(study)
            for each in (study, smoke(study)):
                assert StudySpec.model_validate_json(each.model_dump_json()) == each

        return Kind((yaml_base(path),), use)

    return tuple(of(source) for source in STUDIES)


def assignments(folder):
    """`--set`: an assignment a line."""
    study = read_study(STUDIES[0]).model_dump(mode="json")
    path = folder / "set.yaml"
    names = ("training", "regimes", "metrics", "window", "seeds", "name", "backbone", "confirm")
    path.write_text("".join(f"{name}={json.dumps(study[name])}\n" for name in names))

    def use():
        # A terminal gives bytes that are no text as halves of characters.
        lines = path.read_bytes().decode("utf-8", "surrogateescape").split("\n")
        study = read_study(STUDIES[0], [line for line in lines if line])
        check(study, "--set", "classification" if "diab" not in study.split else "regression")
        plan_notes(study)

    def write(pairs):
        return b"\n".join(
            str(name).encode("utf-8", "surrogatepass") + b"=" + as_json(value)
            for name, value in (pairs if isinstance(pairs, dict) else {"x": pairs}).items()
        )

    def read(content):
        pairs = (line.split("=", 1) for line in content.decode().splitlines())
        return {name: json.loads(text) for name, text in pairs}

    return (Kind((Base(path, read, write),), use),)


def split_files(folder):
    path = Path(shutil.copy(SPLITS, folder / "params.yaml"))

    def use():
        for name in [*read_splits(path), "digits@3"]:
            find_split(path, name)

    return (Kind((yaml_base(path),), use),)


def records(folder):
    """What a study's folder, and its confirmation's, holds beside trials: `harness status`."""
    study = make_study(folder / "made-up")
    inner = make_confirmation(study)
    add_launch(study)
    write_record(study / STAMP, Stamp.of(study_record.read_study_record(study), {"a": "b"}))

    def use():
        record = study_record.read_study_record(study)
        assert record.caption
        record.identity()
        record.recorded_digest()
        outdated(study, record)
        read_launches(study)
        if fresh := confirmed(study):
            fresh.units()
            assert fresh.data_digest
            read_test_samples(inner, fresh)

    names = (study_record.RECORD, STAMP, "mlflow.json")
    found = [json_base(study / name) for name in names]
    found += [lines_base(each / study_record.CONFIGURATIONS) for each in (study, inner)]
    found += [json_base(inner / study_record.RECORD), Base(inner / "test_samples.npz")]
    return (Kind(tuple(found), use),)


def merged_records(folder):
    """The same files in another results folder, from which `harness merge` takes in."""
    theirs = make_study(folder / "theirs" / "made-up")
    made = study_record.read_study_record(theirs)
    *rest, failed = made.configurations
    named = (*rest, failed.model_copy(update={"keys": ("0" * 16,)}))  # keys are checked
    study_record.write_study_record(theirs, made.model_copy(update={"configurations": named}))
    inner = make_confirmation(theirs)
    for each in (theirs, inner):  # trials are of another kind
        trials.keep_only(each, trials.stored_keys(each)[:1])
    shutil.copytree(folder / "theirs", folder / "ours")

    def use():
        merge_studies(folder / "ours", found_studies(folder / "theirs"), True, lambda _: None)

    found = [json_base(each / study_record.RECORD) for each in (theirs, inner)]
    found += [lines_base(each / study_record.CONFIGURATIONS) for each in (theirs, inner)]
    return (Kind(tuple(found), use),)


def specs(folder):
    """A trial's folder, and that of a failure."""
    study = make_study(folder / "trials-of", calibration=20)
    key = trials.stored_keys(study)[0]
    result = trials.read_trial(study, key)
    facts = FailureFacts(spec=result.spec, reason="not finite", seconds=1.0, versions={})
    write_failure(study, Failure(facts, result.curve))
    trial, failure = trials.trial_folder(study, key), study / "failures" / key

    def use():
        if fault := trials.fault_of(study, key):
            raise DataError(fault)
        trials.read_versions(study, key)

    found = [json_base(trial / "trial.json")]
    found += [Base(trial / f"{name}.npz") for name in ("weights", "outputs", "test")]
    failed = (json_base(failure / "failure.json"), Base(failure / "curve.csv"))
    return (
        Kind(tuple(found), use),
        Kind(failed, lambda: failures.read_failure(study, key)),
    )


def manifests(folder):
    """A prepared split."""
    prepared = folder / "prepared"
    manifest = MANIFEST.model_copy(update={"counts": {"train": (1, 2, 3)}})
    write_record(prepared / "s" / "manifest.json", manifest)
    parts = {name: np.arange(9) + 9 * n for n, name in enumerate(("train", "validation", "test"))}
    np.savez(prepared / "s" / "indices.npz", allow_pickle=False, **parts)

    def use():
        found = read_manifest(prepared, "s")
        parts = (found.shape, found.provenance, found.error_scale, found.calibrated_on)
        assert len(parts) == 4
        read_split_indices(prepared, "s")

    files = (json_base(prepared / "s" / "manifest.json"), Base(prepared / "s" / "indices.npz"))
    return (Kind(files, use),)


def arrays(folder):
    """NumPy's and MATLAB's files, as a mirror holds them."""
    values = np.arange(60, dtype=np.uint16).reshape(3, 4, 5)

    def of(name, save):
        path = folder / name
        save(path)
        return Kind((Base(path),), lambda: read_source_array(path))

    return (
        of("a.npy", lambda path: np.save(path, values, allow_pickle=False)),
        of("b.npy", lambda path: np.save(path, np.asfortranarray(values), allow_pickle=False)),
        of("c.mat", lambda path: scipy.io.savemat(path, {"a": values})),
        of("d.mat", lambda path: scipy.io.savemat(path, {"a": values}, do_compression=True)),
        of("e.mat", lambda path: scipy.io.savemat(path, {"a": values[0]}, format="4")),
    )


def idx(folder):
    """Fashion-MNIST's files: identified by their digest before they are read."""
    raw, spec = folder / "raw", SplitSpec(dataset="fashion_mnist", train=0.5, validation=0.1)
    (raw / "fashion_mnist").mkdir(parents=True)
    images = raw / "fashion_mnist" / "train-images-idx3-ubyte"
    head = np.array([2051, 2, 28, 28], dtype=">u4").tobytes()
    images.write_bytes(head + bytes(2 * 28 * 28))
    return (Kind((Base(images),), lambda: read_raw("s", spec, raw)),)


def imports(folder):
    """Outputs of networks that were trained elsewhere, and what is kept of a study of them."""
    outputs = folder / "outputs"
    first = write(outputs, "joint", "a", 0, exits=2, calibration=True, full_cost=np.array(9.0))
    other = write(outputs, "joint", "a", 1, exits=2, calibration=True)
    said = outputs / "import.yaml"
    said.write_text("baseline: joint\nfresh: [0, 1]\nclasses: [a, b, c]\ntrain_counts: [1, 2, 3]\n")
    stored = import_outputs(folder, "mine", outputs, Description()).folder

    def taken_in():
        places, description = found_places(outputs), read_description(outputs)
        with tempfile.TemporaryDirectory() as scratch:
            found, samples = take_in_networks("mine", places, Path(scratch), lambda _: None)
        assert search_record(Contents("mine", (*found.values(),), samples, description)).caption

    def known():
        stored_entries(stored)
        read_record(stored / IMPORT, Description)

    kept = (json_base(stored / IMPORT), json_base(stored / study_record.RECORD))
    lines = lines_base(stored / study_record.CONFIGURATIONS)
    return (
        Kind((Base(first), Base(other), yaml_base(said)), taken_in),
        Kind((*kept, lines), known),
    )


KINDS = {
    "study files": (study_files, 4),
    "--set": (assignments, 3),
    "params.yaml": (split_files, 2),
    "records": (records, 3),
    "merged records": (merged_records, 2),
    "specs": (specs, 4),
    "manifests": (manifests, 2),
    ".npy and .mat": (arrays, 3),
    "idx": (idx, 1),
    "imports": (imports, 2),
}
"""What makes the files of each kind, and its share of all cases."""
