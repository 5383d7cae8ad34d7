"""Operations that a stack computes otherwise than one network does, with the same result.

Where weights and inputs both have an axis of members, `torch.func.vmap` makes of a convolution one
of as many groups. On CUDA that is slow at few channels (pytorch issue 73764); a batched product of
patches and weights takes the same sums. For a divergence it would loop over members.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor
from torch.nn import functional
from torch.overrides import TorchFunctionMode

PRODUCTS_ON = frozenset({"cuda"})
"""Kinds of device on which convolutions are products (docs/log.md has the figures)."""


def stacked_operations(device: torch.device) -> AbstractContextManager[object]:
    """A context for what `torch.func.vmap` maps over members on a device."""
    return _Substitutes(device.type in PRODUCTS_ON)


class _Substitutes(TorchFunctionMode):
    def __init__(self, products: bool) -> None:
        super().__init__()
        self._found: dict[object, Callable[..., Tensor | None]] = {functional.kl_div: _divergence}
        if products:
            self._found |= {torch.conv1d: _product, torch.conv2d: _product}

    def __torch_function__(
        self,
        func: object,
        types: object,
        args: tuple[object, ...] = (),
        kwargs: Mapping[str, object] | None = None,
    ) -> object:
        """Call what stands for `func`, or where nothing does `func` itself."""
        del types
        given, substitute = kwargs or {}, self._found.get(func)
        if substitute is not None and (found := substitute(*args, **given)) is not None:
            return found
        return cast("Callable[..., object]", func)(*args, **given)


def _divergence(
    inputs: Tensor,
    target: Tensor,
    *,
    reduction: str = "mean",
    log_target: bool = False,
    **older: object,
) -> Tensor | None:
    """`kl_div` of two logarithms, without reduction; None for any other."""
    if reduction != "none" or not log_target or any(each is not None for each in older.values()):
        return None
    return target.exp() * (target - inputs)


@dataclass(frozen=True)
class _Window:
    """How a convolution moves over its inputs, one number for each of its axes."""

    stride: tuple[int, ...]
    padding: tuple[int, ...]


def _product(inputs: Tensor, weight: Tensor, *others: object, **named: object) -> Tensor | None:
    """A convolution as a product of patches; None where it has groups, dilation or a named padding.

    Its arguments are those of `torch.conv1d` and `torch.conv2d`.
    """
    given = dict(zip(("bias", "stride", "padding", "dilation", "groups"), others, strict=False))
    given |= named
    axes = weight.ndim - 2
    stride, padding, dilation = (
        _each(given.get(name, default), axes)
        for name, default in (("stride", 1), ("padding", 0), ("dilation", 1))
    )
    plain = given.get("groups", 1) == 1 and dilation == (1,) * axes
    if not plain or stride is None or padding is None or inputs.ndim != weight.ndim:
        return None
    rows, space = _patches(inputs, weight.shape[2:], _Window(stride, padding))
    columns, bias = weight.reshape(len(weight), -1).T, cast("Tensor | None", given.get("bias"))
    out = rows @ columns if bias is None else torch.addmm(bias, rows, columns)
    return out.reshape(len(inputs), *space, -1).movedim(-1, 1).contiguous()


def _patches(
    inputs: Tensor, kernel: Sequence[int], window: _Window
) -> tuple[Tensor, tuple[int, ...]]:
    """What the kernel covers at each place: [N * places, channels * kernel], and the places."""
    around = [side for size in reversed(window.padding) for side in (size, size)]
    patches = functional.pad(inputs, around) if any(around) else inputs
    for axis, (size, step) in enumerate(zip(kernel, window.stride, strict=True), 2):
        patches = patches.unfold(axis, size, step)
    patches = patches.movedim(1, 1 + len(kernel))
    space = tuple(patches.shape[1 : 1 + len(kernel)])
    width = inputs.shape[1] * torch.Size(kernel).numel()
    return patches.reshape(-1, width), space


def _each(value: object, axes: int) -> tuple[int, ...] | None:
    if isinstance(value, int):
        return (value,) * axes
    if isinstance(value, str):
        return None
    found = tuple(cast("Sequence[int]", value))
    return found * axes if len(found) == 1 else found
