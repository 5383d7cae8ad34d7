"""What a reader must know of a split: its sizes, classes that a part lacks, margins, leaks."""

from collections.abc import Mapping
from pathlib import Path

from harness.core.manifest import Manifest, SplitSpec
from harness.data.prepare import MANIFEST_FILE, read_manifest

_PARTS = ("train", "validation", "calibration", "test")


def lacking(manifest: Manifest) -> Mapping[str, tuple[str, ...]]:
    """Names of the classes without a sample, for each part that lacks any."""
    found = {
        part: tuple(name for name, count in zip(manifest.classes, counts, strict=True) if not count)
        for part, counts in manifest.counts.items()
        if manifest.task == "classification"
    }
    return {part: names for part, names in found.items() if names}


def split_notes(manifest: Manifest) -> tuple[str, ...]:
    """Remarks on a prepared split, a sentence each; none where there is nothing to know."""
    notes = [
        f"the {part} part of {manifest.name} has no samples of {', '.join(names)}"
        for part, names in lacking(manifest).items()
    ]
    if manifest.spec.kind == "spatial":
        samples = sum(manifest.unused) + sum(map(sum, manifest.counts.values()))
        notes.append(f"{sum(manifest.unused)} of {samples} samples are lost to the margin")
    if manifest.shared_pixels:
        notes.append(
            f"{manifest.shared_pixels:.0%} of the test patches share pixels with a training patch"
        )
    for part in _PARTS:
        amount, counts = getattr(manifest.spec, part, 0), manifest.counts.get(part, ())
        if isinstance(amount, int) and manifest.task == "classification":
            pairs = zip(manifest.classes, counts, strict=False)
            fewer = [f"{name} ({count})" for name, count in pairs if count < amount]
            if fewer:
                notes.append(f"{part} takes fewer than {amount} samples of {', '.join(fewer)}")
    return tuple(notes)


def split_row(
    prepared: Path, name: str, spec: SplitSpec, *, by_class: bool = False
) -> Mapping[str, object]:
    """A row of `harness data splits`.

    Parameters
    ----------
    prepared
        Folder of the prepared splits.
    by_class
        Whether to give plain data, with the samples of every class, in place of text.

    Raises
    ------
    DataError
        The split is prepared, and its manifest is damaged.
    """
    found = (prepared / name / MANIFEST_FILE).is_file()
    manifest = read_manifest(prepared, name) if found else None
    if manifest is not None and manifest.spec != spec:
        manifest = None  # of an earlier spec; the next launch prepares it anew
    row: dict[str, object] = {
        "split": name,
        "dataset": spec.dataset,
        "kind": spec.kind,
        "margin": spec.margin if spec.kind == "spatial" else None,
    }
    for part in _PARTS:
        asked = getattr(spec, part, None)
        row[part] = asked if manifest is None else sum(manifest.counts.get(part, ()))
    missing = {} if manifest is None else lacking(manifest)
    row |= {
        "unused": None if manifest is None else sum(manifest.unused),
        "shared_pixels": None if manifest is None else manifest.shared_pixels,
        "lacks": "; ".join(f"{part}: {', '.join(names)}" for part, names in missing.items()),
        "parameters": ", ".join(f"{key}={value}" for key, value in spec.parameters.items()),
        "seed": spec.seed,
        "prepared": manifest is not None,
    }
    if not by_class:
        return row
    by = {} if manifest is None else {**manifest.counts, "unused": manifest.unused}
    classes = () if manifest is None or manifest.task == "regression" else manifest.classes
    counts = {part: dict(zip(classes, numbers, strict=False)) for part, numbers in by.items()}
    return row | {"lacks": missing, "parameters": spec.parameters, "by_class": counts}
