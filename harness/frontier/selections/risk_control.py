"""Risk control: the lowest shared threshold whose risk relative to the full network is bounded."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal, TypeAlias

import numpy as np
import pydantic

from harness.core.parameters import bounded, described
from harness.core.types import Bools, Floats
from harness.frontier.selections import Selection
from harness.policies.predictions import ExitPredictions
from harness.statistics.risk import Gap, betting, gap_losses, hoeffding_bentkus

_LEVELS = 500
"""Number of thresholds on the path."""
_BLOCKS = 25
"""Number of parts of the path whose betting p-values are computed together."""

_Epsilon: TypeAlias = Annotated[float, bounded(1e-6, 1, "tolerated risk")]


@dataclass(frozen=True)
class RiskControl(Selection):
    """Fast yet Safe (Jazbec et al. 2024, arXiv 2405.20915): one lambda for all exits.

    R(lambda) is the mean loss (`harness.statistics.risk.gap_losses`) when a sample leaves at the
    first exit with c_e >= lambda. A path of fixed thresholds falls from 1 to 0, and with it the
    cost; for each epsilon, lambda* is the last threshold before the first that fails, or infinity
    (the full network, no risk) where the first fails. On n samples with losses L_i(lambda), a
    threshold passes

    - `crc` (conformal risk control, arXiv 2208.02814) if (sum_i L_i(lambda) + 1) / (n + 1)
      <= epsilon. Then E[R(lambda*)] <= epsilon, provided that no sample's loss falls as lambda
      does; elsewhere the mean may exceed epsilon by O(sqrt(log(levels) / n)) (arXiv 2604.01502).
    - `ltt` (learn then test, arXiv 2110.01052) if the Hoeffding-Bentkus p-value of
      "R(lambda) > epsilon" is at most delta; losses below 0 are cut to 0 first.
    - `ucb` (UCB-WSR, arXiv 2101.02703) if the betting p-value is at most delta: the upper
      confidence bound of R(lambda) is then at most epsilon; losses below 0 count.

    For `ltt` and `ucb`, P(R(lambda*) > epsilon) <= delta with no assumption on the network: to err,
    the test must pass the first threshold of the path whose risk is above epsilon, and it does that
    with probability at most delta. The probability is over the samples that thresholds are chosen
    on, drawn independently from the same distribution as the later ones. It holds for each network
    and epsilon separately, and only where those samples chose neither the network nor the policy's
    parameters (`calibrated`, `per_class`): on a calibration part. On validation, where networks
    were chosen, no guarantee holds. (The authors' code takes for `ltt` the first threshold that
    fails; this takes the one before.)
    """

    guarantees: ClassVar[bool] = True

    risk: Annotated[
        Gap, described("loss against the last exit: changed prediction, or added error")
    ] = "prediction_gap"
    procedure: Annotated[
        Literal["crc", "ltt", "ucb"],
        described("what is controlled: the expected risk (crc), or the risk with confidence"),
    ] = "ucb"
    delta: Annotated[
        float, bounded(1e-6, 0.5, "probability that the risk exceeds epsilon; crc ignores it")
    ] = 0.1
    epsilons: Annotated[
        tuple[_Epsilon, ...],
        pydantic.Field(min_length=1, description="risk levels, each with a threshold of its own"),
    ] = (0.005, 0.01, 0.02, 0.05, 0.1)

    def select(self, predictions: ExitPredictions, costs: Floats) -> Floats:
        """One vector per epsilon, in their order: [len(epsilons), E-1], equal along each row."""
        del costs
        early = len(predictions.confidence) - 1
        if not early:
            return np.empty((1, 0))
        path = threshold_path()
        losses = path_losses(predictions, gap_losses(predictions, self.risk), path)
        # Bets depend on the order of samples, and stored data may be sorted by class or position.
        losses = losses[:, np.random.default_rng(0).permutation(losses.shape[1])]
        passed = [_leading(self._passes(losses, epsilon)) for epsilon in self.epsilons]
        chosen = np.append(np.inf, path)[passed]
        return np.repeat(chosen[:, None], early, axis=1)

    def _passes(self, losses: Floats, epsilon: float) -> Bools:
        """Whether each threshold's losses [levels, N] show its risk to be at most epsilon."""
        passes: Bools
        if self.procedure == "crc":
            passes = (losses.sum(1) + 1) / (losses.shape[1] + 1) <= epsilon
        elif self.procedure == "ltt":
            passes = hoeffding_bentkus(np.maximum(losses, 0), epsilon) <= self.delta
        else:
            blocks = np.array_split(losses, _BLOCKS)  # all levels at once would not fit the cache
            found = [betting(block, epsilon, self.delta) for block in blocks]
            passes = np.concatenate(found) <= self.delta
        return passes


def threshold_path() -> Floats:
    """Thresholds [levels] from 1 to 0, the same for all data, as the guarantees require.

    lambda_j = 1 - u_j^3 with u_j evenly spaced: trained networks are mostly confident, so that
    the confidences that separate samples lie near 1.
    """
    path: Floats = 1 - np.linspace(0, 1, _LEVELS) ** 3
    return path


def path_losses(predictions: ExitPredictions, losses: Floats, path: Floats) -> Floats:
    """Loss [levels, N] of each sample when every exit has the same threshold.

    Parameters
    ----------
    losses
        [E, N]: loss of leaving at each exit.
    path
        [levels].
    """
    found = np.broadcast_to(losses[-1], (len(path), losses.shape[1]))
    # The earliest exit whose threshold is reached counts, so it comes last.
    for confidence, loss in zip(predictions.confidence[-2::-1], losses[-2::-1], strict=True):
        found = np.where(confidence >= path[:, None], loss, found)
    return found


def _leading(passes: Bools) -> int:
    """Number of thresholds that pass before the first that fails."""
    return int(np.append(passes, False).argmin())
