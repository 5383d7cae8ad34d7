"""Seeding: everything random in a trial derives from its seed."""

import torch


def seed_everything(seed: int) -> None:
    """Seed torch and refuse algorithms whose result may vary between runs."""
    torch.manual_seed(seed)
    torch.use_deterministic_algorithms(True)
