"""The devices that torch finds on this machine."""

import torch

from harness.core.errors import InputError

_FULL = 2**30
"""Free bytes below which a device counts as full: about two processes' CUDA contexts."""
_ALLOWED = "auto, cpu, cuda, cuda:0,1 or mps"


def find_devices(asked: str) -> tuple[str, ...]:
    """The devices that are asked for, as torch names them: all of one kind.

    Parameters
    ----------
    asked
        `auto` for all accelerators of this machine or, where it has none, the CPU; `cpu`; `cuda`
        for all CUDA devices, `cuda:0,1` for some; `mps`.

    Raises
    ------
    InputError
        There is no such device: the message says which there are.
    """
    found = _cuda() or _mps() or ("cpu",)
    if asked == "auto":
        return found
    kind, _, numbers = asked.partition(":")
    here = {"cpu": ("cpu",), "cuda": _cuda(), "mps": _mps()}.get(kind)
    if here is None or (numbers and kind != "cuda"):
        raise InputError(f"--device {asked}: allowed are {_ALLOWED}")
    wanted = tuple(f"cuda:{number}" for number in numbers.split(",")) if numbers else here
    missing = [device for device in wanted if device not in here] or ([] if here else [kind])
    if missing or len(set(wanted)) < len(wanted):
        said = f"no {', '.join(missing)} here" if missing else "a device twice"
        raise InputError(
            f"--device {asked}: {said}; torch {torch.__version__} finds "
            f"{', '.join(dict.fromkeys((*_cuda(), *_mps(), 'cpu')))}"
        )
    return wanted


def device_name(device: str) -> str:
    """The make of a device, as its driver says it; of the CPU the instructions that torch uses.

    Examples
    --------
    `NVIDIA H200`, `mps`, `cpu (AVX2)`.
    """
    if device == "cpu":
        return f"cpu ({torch.backends.cpu.get_cpu_capability()})"
    return torch.cuda.get_device_name(device) if device.startswith("cuda") else device


def is_out_of_memory(error: Exception, device: str) -> bool:
    """Whether an error on a device comes from its having no memory left.

    Notes
    -----
    Torch's class is of what its own allocator was refused. A context, a cuBLAS or cuDNN handle, and
    MPS altogether, are refused by errors that only their words tell apart; and cuDNN, which finds
    no room for its own, says "internal error", which is believed of a full device alone.
    """
    if isinstance(error, torch.OutOfMemoryError):
        return True
    if not isinstance(error, RuntimeError):
        return False
    if any(word in str(error) for word in ("out of memory", "ALLOC_FAILED")):
        return True
    return "CUDNN_STATUS_INTERNAL_ERROR" in str(error) and _is_full(device)


def free_cached(device: str) -> None:
    """Give the memory that torch keeps for later back to the device, for other processes."""
    if device.startswith("cuda"):
        torch.cuda.empty_cache()


def _is_full(device: str) -> bool:
    free, _ = torch.cuda.mem_get_info(device)
    return free < _FULL


def _cuda() -> tuple[str, ...]:
    return tuple(f"cuda:{number}" for number in range(torch.cuda.device_count()))


def _mps() -> tuple[str, ...]:
    return ("mps",) if torch.backends.mps.is_available() else ()
