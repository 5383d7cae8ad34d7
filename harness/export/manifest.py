"""`manifest.json` of an exported network, which the runtime reads."""

from harness.core.records import Record
from harness.core.trial_spec import TrialSpec
from harness.results.trials import StoredCosts


class ExportedData(Record):
    """The data that the network was trained on, and the inputs that it takes."""

    split: str
    digest: str
    provenance: str
    classes: tuple[str, ...]
    input_shape: tuple[int, ...]
    inputs: str


class ExportedPolicy(Record):
    """The exit policy; temperatures [E] where it is calibrated.

    Attributes
    ----------
    fitted
        The policy's tables, a row per exit.
    """

    name: str
    parameters: dict[str, bool | int | float | str]
    temperatures: tuple[float, ...] | None
    fitted: dict[str, tuple[tuple[float, ...], ...]]


class ExportManifest(Record):
    """A trained network with the thresholds to run it with.

    Attributes
    ----------
    thresholds
        [E-1]; None is a threshold that no sample reaches, as JSON has no infinity.
    measured
        Score and cost of this point on the frontier.
    versions
        Library name to version, when it was trained and when it was exported.
    stages
        Names of the programs, in order.
    """

    study: str
    key: str
    configuration: int
    trial: TrialSpec
    data: ExportedData
    policy: ExportedPolicy
    thresholds: tuple[float | None, ...]
    measured: dict[str, float]
    costs: StoredCosts
    versions: dict[str, dict[str, str]]
    stages: tuple[str, ...]
