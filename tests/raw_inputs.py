"""Raw samples of a split, as an export of a network trained on it takes them."""

from harness.data.prepare import read_manifest, read_raw, read_split_indices


def raw_digits(project, name, part):
    """Images [N, 1, 8, 8] of a part of a split of `digits`, from 0 to 16."""
    spec = read_manifest(project.prepared, name).spec
    _, data, _ = read_raw(name, spec, project.raw)
    return data.values[getattr(read_split_indices(project.prepared, name), part)][:, None]
