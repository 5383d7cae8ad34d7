"""What makes a training repeatable: its seed, and algorithms that give the same each time."""

import os

import torch


def seed_everything(seed: int, *, tf32: bool = False) -> None:
    """Seed torch and refuse algorithms whose result may vary between runs.

    Parameters
    ----------
    tf32
        Whether CUDA multiplies float32 with ten bits of mantissa. Torch's own default does so in
        convolutions.
    """
    # Read when the process first multiplies on CUDA.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.manual_seed(seed)
    torch.use_deterministic_algorithms(True)
    # Else each new tensor is filled before its values are computed.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
    # The older of torch's two switches: `torch.export` reads no other.
    torch.backends.cuda.matmul.allow_tf32 = tf32
    torch.backends.cudnn.allow_tf32 = tf32
