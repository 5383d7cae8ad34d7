"""Networks of torchvision, cut at their own blocks; weights from a file if one is given."""

import hashlib
import io
import pickle
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import torch
from torch import Tensor, nn

from harness.core.errors import InputError
from harness.core.parameters import Parameters, described
from harness.models.backbones.convolutional import PooledBackbone

_COLOURS = 3
_AFTER_THE_BLOCKS = ("avgpool", "fc", "classifier")
_DIGEST = re.compile(r"-([0-9a-f]{8,64})\.\w+$")


@dataclass(frozen=True)
class Torchvision(PooledBackbone):
    """A classification network of torchvision, whose classifier gives way to the exits' heads.

    Exits lie between its own residual blocks: what stands before the first block (the stem) or
    between two leads into the next, what stands after the last belongs to it.

    Normalisation is torchvision's: running statistics of batches, part of the weights; those of
    stages that a regime freezes stay as they are. A last batch of one sample whose features are of
    one pixel cannot be normalised: choose another `batch_size`. Dropped paths are kept as well.

    Weights are never downloaded. A file holds a state dict of this network, which `torch.load`
    reads without running code. The digest in its name, as torch hub gives it to the files that it
    downloads (`resnet18-f37072fd.pth`), says in a trial's parameters which weights it began with,
    and is checked. The file lies where `harness` is run, and is needed whenever the network is
    built: to train, to export, to time.

    The first convolution is another one where inputs have other than 3 channels or with
    `small_images`. Where kernels from a file do not have its shape, they are summed over the
    colours for inputs of one channel (a grey image gives what it gave in three equal colours);
    where that does not help either, it begins with random weights.
    """

    example_shape: ClassVar[tuple[int, ...]] = (3, 32, 32)
    tiny: ClassVar[Parameters] = {"network": "shufflenet_v2_x1_0", "weights": ""}

    network: Annotated[
        Literal[
            "resnet18", "resnet34", "resnet50", "mobilenet_v2", "shufflenet_v2_x1_0",
            "efficientnet_b0",
        ],
        described("by torchvision's name"),
    ] = "resnet18"  # fmt: skip
    small_images: Annotated[
        bool, described("first convolution 3x3 at full resolution, and no max pool after it")
    ] = False
    weights: Annotated[
        str, described("state dict to begin with, a file NAME-SHA256.pth; empty: random weights")
    ] = ""

    def blocks(self, input_shape: tuple[int, ...]) -> tuple[nn.Module, ...]:
        """Blocks for images [channels, height, width].

        Raises
        ------
        InputError
            These are no images, or the file of weights is missing, not the one that its name says,
            or of another network. Under torch's meta device all of it is checked too.
        """
        if len(input_shape) != 3:  # noqa: PLR2004
            raise InputError(
                "backbone torchvision reads images [channels, height, width], "
                f"found {list(input_shape)}"
            )
        from torchvision.models import get_model

        network: nn.Module = get_model(self.network, weights=None)
        first = _adapt(network, input_shape[0], self.small_images)
        parts = dict(network.named_children())
        left_out = (*_AFTER_THE_BLOCKS, *(["maxpool"] if self.small_images else []))
        trunk = nn.ModuleDict({n: part for n, part in parts.items() if n not in left_out})
        if self.weights:
            try:
                given = _read(Path(self.weights))
                _load(trunk, given, first)
            except InputError as error:
                where = f"backbone torchvision: weights: {self.weights}"
                raise InputError(f"{where}: {error}") from None
        return _cut(trunk)


def _adapt(network: nn.Module, channels: int, small_images: bool) -> str:
    """Make the first convolution one for these inputs; the name of its weights if it is new."""
    name, old = next((n, m) for n, m in network.named_modules() if isinstance(m, nn.Conv2d))
    if channels == _COLOURS and not small_images:
        return ""
    stride, kernel, padding = old.stride, old.kernel_size, old.padding
    if small_images:
        stride, kernel, padding = (1, 1), (3, 3), (1, 1)
    new = nn.Conv2d(channels, old.out_channels, kernel, stride, padding, bias=old.bias is not None)  # type: ignore[arg-type]
    nn.init.kaiming_normal_(new.weight, mode="fan_out", nonlinearity="relu")
    parent, _, last = name.rpartition(".")
    setattr(network.get_submodule(parent), last, new)
    return f"{name}.weight"


def _cut(trunk: nn.Module) -> tuple[nn.Module, ...]:
    """The blocks of a trunk: each ends with a module of several parts, as residual blocks are."""
    blocks: list[list[nn.Module]] = [[]]
    for layer in _layers(trunk):
        blocks[-1].append(layer)
        if next(layer.children(), None) is not None:
            blocks.append([])
    tail = blocks.pop()
    blocks[-1] += tail
    return tuple(nn.Sequential(*layers) for layers in blocks)


def _layers(module: nn.Module) -> Iterator[nn.Module]:
    """The modules that sequences, and sequences in them, run in turn."""
    if isinstance(module, nn.Sequential | nn.ModuleDict):
        for child in module.children():
            yield from _layers(child)
    else:
        yield module


def _read(path: Path) -> Mapping[str, Tensor]:
    """The state dict in a file; raises InputError where it is not what its name says."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{error.strerror}; it is looked for from {Path.cwd()}") from None
    digest = hashlib.sha256(content).hexdigest()
    named = _DIGEST.search(path.name)
    if named is None:
        name = f"{path.stem}-{digest[:16]}{path.suffix}"
        raise InputError(
            f"its name must end in its SHA-256, so that it tells which weights a trial "
            f"began with: rename it to {name}"
        )
    if not digest.startswith(named[1]):
        raise InputError(f"its SHA-256 is {digest}, its name says {named[1]}")
    try:
        found = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except (RuntimeError, pickle.UnpicklingError, EOFError, KeyError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise InputError(f"torch.load reads no weights from it ({reason})") from None
    if not isinstance(found, Mapping) or not all(isinstance(v, Tensor) for v in found.values()):
        raise InputError("holds no state dict, a mapping from names to tensors")
    return {str(name): value for name, value in found.items()}


def _load(trunk: nn.Module, given: Mapping[str, Tensor], first: str) -> None:
    """Copy weights into a trunk; on the meta device they are checked alone.

    Parameters
    ----------
    first
        Name of the first convolution's weights where they are not the network's own.

    Raises
    ------
    InputError
        The weights are of another network.
    """
    own = {name: value for name, value in trunk.state_dict().items() if _is_weight(name)}
    weights = {name: value for name, value in given.items() if _is_weight(name)}
    if first in weights:
        weights[first] = _first_weights(own[first], weights[first])
    for name in [*own, *weights]:
        sides = (weights.get(name), own.get(name))
        file, network = ("missing" if side is None else list(side.shape) for side in sides)
        if file != network:
            raise InputError(
                f"of another network: {name} is {file} in the file, {network} in the network"
            )
    with torch.no_grad():
        for name, value in own.items():
            if not value.is_meta:
                value.copy_(weights[name])


def _is_weight(name: str) -> bool:
    """Whether a name is of the trunk's; old files do not count the batches behind a statistic."""
    return name.partition(".")[0] not in _AFTER_THE_BLOCKS and not name.endswith("_tracked")


def _first_weights(fresh: Tensor, given: Tensor) -> Tensor:
    """The first convolution's weights from a file as they are or summed over colours, or fresh."""
    if given.shape == fresh.shape:
        return given
    summed = given.sum(1, keepdim=True)
    return summed if summed.shape == fresh.shape else fresh
