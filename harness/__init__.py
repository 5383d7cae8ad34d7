"""Hyperparameter and benchmark study harness for early-exit neural networks.

Nothing is imported until it is used: `import harness` loads neither torch nor pandas.

- `load_study`: a study that was launched or imported, as a `Study`
- `launch`: runs a study
- `import_study`: makes a study of the logits of networks that were trained elsewhere
- `frontier_of`: the frontier of one network, from its logits
- `compare`: several studies
- `InputError`: what is wrong with an input, in words; `HarnessError`: whatever harness raises on
  purpose
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.api.importing import import_study
    from harness.api.launching import launch
    from harness.api.own_logits import frontier_of
    from harness.api.study import Study, compare, load_study
    from harness.core.errors import HarnessError, InputError

__all__ = [
    "HarnessError",
    "InputError",
    "Study",
    "compare",
    "frontier_of",
    "import_study",
    "launch",
    "load_study",
]

_PLACES = {
    "HarnessError": "core.errors",
    "InputError": "core.errors",
    "Study": "api.study",
    "compare": "api.study",
    "frontier_of": "api.own_logits",
    "import_study": "api.importing",
    "launch": "api.launching",
    "load_study": "api.study",
}
"""The module that holds each public name."""


def __getattr__(name: str) -> object:
    """A public name, imported when it is first used (PEP 562)."""
    if name not in _PLACES:
        raise AttributeError(f"module 'harness' has no attribute {name!r}")
    found: object = getattr(importlib.import_module(f"harness.{_PLACES[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
