"""Whether the networks of several seeds can train as one stack: found out, for any plug-in.

No list says which regimes stack: two steps of two small members are taken as a stack and one by
one, on the CPU, and must move the same parameters alike.
"""

import copy
import functools
import warnings
from collections.abc import Sequence

import torch
from torch import Tensor

from harness.core.errors import InputError
from harness.core.types import DataShape
from harness.models.backbones import Backbone
from harness.models.early_exit import build_network
from harness.regimes import Phase, Regime
from harness.tasks import task_named
from harness.training.model import ExitModel
from harness.training.options import TrainingOptions
from harness.training.phases import learn_only, make_optimizer, make_schedule
from harness.training.stacked_state import row_of, stacked, state_of
from harness.training.stacked_step import StackedStep
from harness.training.step import Step

_MEMBERS, _SAMPLES, _STEPS = 2, 4, 2
_TOLERANCE, _SMALLEST = 1e-3, 1e-6
"""Largest difference, relative to a parameter's largest value, which counts as at least and as at
most so much: gradients that are zero but for rounding are no difference."""
# Plain gradients: AdamW's first steps would turn the rounding of a gradient of zero into one.
_OPTIONS = TrainingOptions(
    optimizer="sgd", learning_rate=0.01, weight_decay=0.5, momentum=0.9, schedule="cosine"
)
_LONGEST = 160
"""Characters of torch's reason that are shown."""
_OVERRIDES = {
    "penalty": "it holds each network to what it was before a phase (`penalty`)",
    "meta_loss": "its auxiliary module learns through a step of the network (`meta_loss`)",
}


def why_not(
    backbone: Backbone,
    regime: Regime,
    options: TrainingOptions,
    data: DataShape,
    static_exit: int = 0,
) -> str | None:
    """Why the seeds of a configuration train one by one, in words; None where they stack.

    Parameters
    ----------
    static_exit
        As of a trial (`harness.core.trial_spec.TrialSpec`).

    Raises
    ------
    InputError
        The backbone does not read such data, or the regime has values for other exits.
    """
    if backbone.reads_graph:
        return "its samples are the nodes of one graph"
    if options.precision == "bfloat16":
        return "precision bfloat16 rounds more than a stack may differ"
    for name, reason in _OVERRIDES.items():
        if getattr(type(regime), name) is not getattr(Regime, name):
            return reason
    return _why_steps_differ(backbone, regime, data, static_exit)


@functools.lru_cache(maxsize=4096)
def _why_steps_differ(
    backbone: Backbone, regime: Regime, data: DataShape, static_exit: int
) -> str | None:
    with torch.random.fork_rng(devices=()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.manual_seed(0)
        try:
            return _tried(backbone, regime, data, static_exit)
        except InputError:
            raise
        except Exception as error:  # of torch or of a plug-in, of any kind
            said = " ".join(str(error).split()).partition(". ")[0]
            return f"torch cannot map it over members: {said[:_LONGEST]}"


def _tried(backbone: Backbone, regime: Regime, data: DataShape, static_exit: int) -> str | None:
    width = task_named(data.task).width(data.names)
    models = [
        ExitModel(build_network(backbone, data.inputs, width, static_exit), regime, width)
        for _ in range(_MEMBERS)
    ]
    for model in models:
        model.network.double()
    shape = (_MEMBERS, _SAMPLES)
    inputs = torch.randn(*shape, *data.inputs, dtype=torch.float64)
    if data.task == "classification":
        labels = torch.randint(0, data.names, shape)
    else:
        labels = torch.randn(*shape, data.names)
    for phase in regime.plan(len(models[0].network.heads)):
        if not _agrees(models, phase, (inputs, labels)):
            return "a stack's steps are not those that its networks take one by one"
    return None


def _agrees(models: Sequence[ExitModel], phase: Phase, batch: tuple[Tensor, Tensor]) -> bool:
    """Whether a phase moves a stack as it moves its members; leaves the models as they were."""
    state = stacked([state_of(model) for model in models], torch.device("cpu"))
    stack = StackedStep(
        copy.deepcopy(models[0]), phase, state, [_OPTIONS] * len(models), _STEPS
    )  # fmt: skip
    stack.train_mode()
    for _ in range(_STEPS):
        stack.take(*batch, 0.5)
    found = stack.state()
    return all(
        _same(_moved_alone(model, phase, (inputs, labels)), row_of(found, row))
        for row, (model, inputs, labels) in enumerate(zip(models, *batch, strict=True))
    )


def _moved_alone(model: ExitModel, phase: Phase, batch: tuple[Tensor, Tensor]) -> dict[str, Tensor]:
    alone = copy.deepcopy(model).train()
    optimizer = make_optimizer(learn_only(alone.network, phase), _OPTIONS)
    step = Step(alone, phase, optimizer, bfloat16=False)
    schedule = make_schedule(optimizer, _OPTIONS, _STEPS)
    for _ in range(_STEPS):
        step.take(*batch, 0.5)
        schedule.step()
    return state_of(alone)


def _same(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return all(
        bool(
            (value - other[name]).abs().max() <= _TOLERANCE * value.abs().max().clamp(_SMALLEST, 1)
        )
        for name, value in one.items()
        if value.numel()
    )
