"""`manifest.json` of an exported network, which the runtime reads."""

from importlib.metadata import version

from harness.core.records import Record
from harness.core.trial_spec import TrialSpec
from harness.export.runtime_stages import PACKAGES
from harness.results.trials import StoredCosts


class ExportedData(Record):
    """The data that the network was trained on, and the inputs that it takes.

    Attributes
    ----------
    input_shape
        Of one input: [channels, *space].
    raw
        Whether inputs are raw, and the export standardises them; else they are taken as the data
        set makes them, and `statistics.npz` changes nothing.
    patch
        Side of the patch around a pixel that an input is cut as (1: its spectrum); None where
        samples are no pixels of a scene.
    inputs
        All this in words.
    """

    split: str
    digest: str
    provenance: str
    classes: tuple[str, ...]
    input_shape: tuple[int, ...]
    raw: bool
    patch: int | None
    inputs: str


class ExportedPolicy(Record):
    """The exit policy, whose source is exported with it.

    Attributes
    ----------
    digest
        Of its code, as harness knows it by.
    module, class_name
        Where in the source it is defined.
    files
        The source: files in the export by the names of their modules.
    packages
        Versions of the installed packages that it imports, but for NumPy.
    temperatures
        [E] where it is calibrated.
    """

    name: str
    parameters: dict[str, bool | int | float | str]
    digest: str
    module: str
    class_name: str
    files: dict[str, str]
    packages: dict[str, str]
    temperatures: tuple[float, ...] | None


class ExportManifest(Record):
    """A trained network with the thresholds to run it with.

    Attributes
    ----------
    selection
        The threshold selection that chose the thresholds, as users write it.
    thresholds
        [E-1]; None is a threshold that no sample reaches, as JSON has no infinity.
    measured
        Score and cost of this point on the frontier.
    versions
        Library name to version, when it was trained and when it was exported.
    stages
        Names of the programs, in order, by format: `torch` and `onnx`.
    """

    study: str
    key: str
    configuration: int
    trial: TrialSpec
    data: ExportedData
    policy: ExportedPolicy
    selection: str
    thresholds: tuple[float | None, ...]
    measured: dict[str, float]
    costs: StoredCosts
    versions: dict[str, dict[str, str]]
    stages: dict[str, tuple[str, ...]]

    @property
    def requirements(self) -> tuple[str, ...]:
        """What it needs installed where it runs, as pip writes it, in the versions used here."""
        backend = next(package for name, package in PACKAGES.items() if name in self.stages)
        found = {name: version(name) for name in ("numpy", backend)} | self.policy.packages
        return tuple(f"{name}=={number.partition('+')[0]}" for name, number in found.items())
