"""A stack's step as a CUDA graph: recorded once, replayed without the processor's part in it.

Of small networks a card computes a step faster than the processor can ask for it; several hundred
kernels are then launched as one. What is recorded are addresses: batch, rates and progress are
copied to where they were when it was recorded, and parameters change in place.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias, cast

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

GRAPHS_ON: frozenset[str] = frozenset()
"""Kinds of device on which steps are graphs: `cuda`, or none (docs/log.md says why)."""

Given: TypeAlias = tuple[Tensor, Tensor, Tensor]
"""What a step is given: learning rates [T, 1], inputs and labels."""
Compute: TypeAlias = Callable[[Tensor, Tensor, Tensor, float], tuple[Tensor, Tensor]]
"""From these and the progress of training to losses [T] and mean loss weights [T, E]."""


class StepGraphs:
    """Takes a step by a graph of its batch's shape, from the second batch of the shape on.

    Where a step cannot be recorded, as a plug-in waits for a value or copies from the processor's
    memory, all are taken as they come.

    Parameters
    ----------
    device
        That trains.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._constants = _Constants()
        self._progress = torch.zeros((), device=device)
        self._graphs: dict[torch.Size, _Recorded] = {}
        self._seen: set[torch.Size] = set()
        self._possible = device.type in GRAPHS_ON

    def take(self, compute: Compute, given: Given, progress: float) -> tuple[Tensor, Tensor]:
        """Take a step; what it gives stays as it is in later ones.

        Parameters
        ----------
        compute
            Takes a step: it changes parameters and what belongs to them in place, and nothing else.
        """
        if not self._possible:
            return compute(*given, progress)
        self._progress.fill_(progress)
        shape = given[1].shape
        if shape not in self._seen:
            self._seen.add(shape)
            with self._modes():
                return self._called(compute, given)
        if shape not in self._graphs:
            recorded = self._recorded(compute, given)
            if recorded is None:
                self._possible = False
                return compute(*given, progress)
            self._graphs[shape] = recorded
        return self._graphs[shape].replayed(given)

    def _called(self, compute: Compute, given: Given) -> tuple[Tensor, Tensor]:
        # A graph holds numbers as they were; in arithmetic a tensor does for a number.
        return compute(*given, cast("float", self._progress))

    @contextlib.contextmanager
    def _modes(self) -> Iterator[None]:
        """What a plug-in makes of numbers, it makes on the device."""
        with torch.device(self._device), self._constants:
            yield

    def _recorded(self, compute: Compute, given: Given) -> "_Recorded | None":
        rate, inputs, labels = given
        places = (rate.clone(), inputs.clone(), labels.clone())
        graph = torch.cuda.CUDAGraph()
        stream = torch.cuda.Stream(self._device)  # type: ignore[no-untyped-call]
        stream.wait_stream(torch.cuda.current_stream(self._device))
        try:
            with torch.cuda.stream(stream), self._modes(), self._constants.known():
                graph.capture_begin()
                try:
                    found = self._called(compute, places)
                finally:
                    graph.capture_end()
        except Exception:  # of torch or of a plug-in, of any kind; nothing was computed
            torch.cuda.synchronize(self._device)
            return None
        torch.cuda.current_stream(self._device).wait_stream(stream)
        return _Recorded(graph, places, found)


class _Recorded:
    """A recorded step, with the tensors that it reads and those that it gives."""

    def __init__(
        self,
        graph: torch.cuda.CUDAGraph,
        places: Given,
        found: tuple[Tensor, Tensor],
    ) -> None:
        self._graph, self._places, self._found = graph, places, found

    def replayed(self, given: Given) -> tuple[Tensor, Tensor]:
        """Take the step with other values: its losses and mean loss weights."""
        for place, value in zip(self._places, given, strict=True):
            place.copy_(value)
        self._graph.replay()
        losses, weights = self._found
        return losses.clone(), weights.clone()


class _Constants(TorchFunctionMode):
    """Keeps what `torch.tensor` makes of numbers, and gives it again while a graph is recorded."""

    def __init__(self) -> None:
        super().__init__()
        self._made: dict[str, Tensor] = {}
        self._read_by_graphs: list[Tensor] = []
        self._is_recording = False

    @contextlib.contextmanager
    def known(self) -> Iterator[None]:
        """A time in which nothing new can be made."""
        self._is_recording = True
        try:
            yield
        finally:
            self._is_recording = False

    def __torch_function__(
        self,
        func: object,
        types: object,
        args: tuple[object, ...] = (),
        kwargs: Mapping[str, object] | None = None,
    ) -> object:
        """Call `func`, or give what it gave before."""
        del types
        call, given = cast("Callable[..., object]", func), dict(kwargs or {})
        if func is not torch.tensor:
            return call(*args, **given)
        name = repr((args, sorted(given.items(), key=lambda item: item[0])))
        if not (self._is_recording and name in self._made):
            self._made[name] = cast("Tensor", call(*args, **given))
            # Graphs read it where it lies, that of another shape of batch too: none may be freed.
            self._read_by_graphs.append(self._made[name])
        return self._made[name]
