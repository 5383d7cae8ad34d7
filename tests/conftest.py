"""What tests share: the real data, and a small project with a study that has run."""

import gc
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from hypothesis import settings

from harness.core import external_plugins
from harness.core.plugin_files import PluginFolder, use_plugins, used_plugins
from harness.core.project import Project
from harness.scaffold.new_file import TEMPLATES

pytest_plugins = ["tests.made_up", "tests.confirmed", "tests.postgres", "tests.mlflow_server"]

REPOSITORY = Path(__file__).parents[1]

os.environ["COLUMNS"] = "200"
# As in the workers: more threads than one are slower on networks this small.
torch.set_num_threads(1)
# Examples share the cores with training: time limits on single ones would only be noise.
settings.register_profile("harness", deadline=None)
settings.load_profile("harness")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[object]:
    """Imports make a million objects that stay: they are not searched for garbage.

    That took a quarter of the time of collection, and of the tests a part with each search.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(scope="session")
def mirror() -> Path:
    """Folder with the raw files of Fashion-MNIST."""
    named = os.environ.get("HARNESS_DATA_MIRROR")
    folder = Path(named) if named else REPOSITORY.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.fail(f"{folder}: no such folder; set HARNESS_DATA_MIRROR to one with the raw data")
    return folder.resolve()


def make_project(folder: Path) -> Project:
    """An empty project with the repository's splits and studies."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(REPOSITORY / "params.yaml", folder)
    shutil.copytree(REPOSITORY / "studies", folder / "studies")
    return Project(folder)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A fresh project as the current folder."""
    project = make_project(tmp_path / "project")
    monkeypatch.chdir(project.root)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return project


@pytest.fixture(autouse=True)
def plugins_as_before() -> Iterator[None]:
    """What a test, or a command that it runs in this process, made known of plug-ins is forgotten.

    Else every later test of the process would see them, in the lists of all plug-ins too.
    """
    before = used_plugins()
    yield
    if used_plugins() is not before:
        use_plugins(before)


@pytest.fixture
def use() -> Iterator[Callable[..., None]]:
    """Lets the registries know folders of plug-ins until the test is over."""
    before = used_plugins()
    yield lambda *folders: use_plugins(folders)
    use_plugins(before)


@pytest.fixture
def installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, use: Callable[..., None]
) -> Iterator[Callable[..., Path]]:
    """Installs a distribution with a package `mine` that has these entry points."""
    monkeypatch.syspath_prepend(tmp_path)
    external_plugins._installed.cache_clear()

    def install(**entry_points: str) -> Path:
        package, metadata = tmp_path / "mine_of_test", tmp_path / "mine_of_test-1.0.dist-info"
        for folder in (package, metadata):
            folder.mkdir()
        (package / "__init__.py").touch()
        regime = (TEMPLATES / "regimes" / "template.py").read_text()
        (package / "sharp.py").write_text(f"{regime}\nfrom mine_of_test.shared import X\n")
        (package / "shared.py").write_text("X = 1\n")
        (metadata / "METADATA").write_text(
            "Metadata-Version: 2.1\nName: mine-of-test\nVersion: 1.0\n"
        )
        lines = (f"[harness.{kind}]\n{entry}\n" for kind, entry in entry_points.items())
        (metadata / "entry_points.txt").write_text("\n".join(lines))
        use(PluginFolder(package, ()))  # whoever has looked before looks again
        return package

    yield install
    external_plugins._installed.cache_clear()
    for name in [name for name in sys.modules if name.startswith("mine_of_test")]:
        del sys.modules[name]


@pytest.fixture(scope="session")
def mlflow_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty MLflow store, to be copied: making its tables takes a second each time."""
    from mlflow.tracking import MlflowClient  # most tests do without its slow import

    file = tmp_path_factory.mktemp("mlflow") / "mlflow.db"
    MlflowClient(f"sqlite:///{file}").search_experiments()
    return file


def with_tables(project: Project, mlflow_tables: Path) -> Project:
    """The project with an empty MLflow store in it."""
    project.results.mkdir()
    shutil.copy(mlflow_tables, project.results / "mlflow.db")
    return project


@pytest.fixture
def tracked(project: Project, mlflow_tables: Path) -> Project:
    """A fresh project as the current folder, in whose MLflow store nothing is logged yet."""
    return with_tables(project, mlflow_tables)
