"""Where things lie below a project's folder."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Project:
    """The folders and files of one project, all below `root`."""

    root: Path

    @property
    def splits(self) -> Path:
        """The file that defines the splits."""
        return self.root / "params.yaml"

    @property
    def studies(self) -> Path:
        """Study files."""
        return self.root / "studies"

    @property
    def stage_lists(self) -> Path:
        """The data sets and studies that `dvc.yaml` has stages for."""
        return self.root / "dvc.vars.yaml"

    @property
    def raw(self) -> Path:
        """Data as downloaded, one folder per data set."""
        return self.root / "data" / "raw"

    @property
    def prepared(self) -> Path:
        """Prepared splits, one folder each."""
        return self.root / "data" / "prepared"

    @property
    def results(self) -> Path:
        """One folder per study, and MLflow's store."""
        return self.root / "results"

    @property
    def tracking_uri(self) -> str:
        """MLflow's embedded store."""
        return f"sqlite:///{(self.results / 'mlflow.db').resolve()}"

    @property
    def artifacts(self) -> Path:
        """MLflow's artifacts of the embedded store."""
        return self.results / "mlartifacts"
