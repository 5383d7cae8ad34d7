"""The lists that DVC repeats its stages for: the data sets of all splits, and the studies."""

from collections.abc import Iterable
from pathlib import Path

from harness.core.errors import InputError
from harness.core.types import SCORES
from harness.core.yaml_file import write_yaml
from harness.data.named_splits import find_split, read_splits
from harness.data.sets import DATASETS
from harness.study.study_file import read_study

HEADER = "# Written by `harness stages` for dvc.yaml; do not edit.\n"


def stage_lists(splits: Path, studies: Iterable[Path]) -> str:
    """The variables of `dvc.yaml` as YAML text: `datasets`, `studies` by name, and `findings`.

    The last are the names of the studies on which claims about regimes rest: those that are
    searched several times.

    Parameters
    ----------
    splits
        The file that defines the splits.
    studies
        Study files.

    Raises
    ------
    InputError
        A study file is not valid, names a split that is not there, or has another name than its
        study, whose results DVC would then expect in another folder.
    """
    datasets = sorted({spec.dataset for spec in read_splits(splits).values()})
    found, claiming = {}, []
    for path in sorted(studies):
        study = read_study(path)
        if study.name != path.stem:
            raise InputError(f"{path}: name: the file is named as its study, found {study.name}")
        dataset = find_split(splits, study.split).dataset
        score = SCORES[DATASETS.get(dataset).task]
        found[study.name] = {"dataset": dataset, "split": study.split, "score": score}
        if study.searches > 1:
            claiming.append(study.name)
    lists = {"datasets": datasets, "studies": found, "findings": claiming}
    return HEADER + write_yaml(lists, flow=True)
