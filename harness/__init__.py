"""Hyperparameter and benchmark study harness for early-exit neural networks.

Nothing is imported until it is used: `import harness` loads neither torch nor pandas.

- `load_study`: a study that was launched or imported, as a `Study`
- `launch`: runs a study
- `import_study`: makes a study of the logits of networks that were trained elsewhere
- `frontier_of`: the frontier of one network, from its logits
- `compare`: several studies
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.api.importing import import_study
    from harness.api.launching import launch
    from harness.api.own_logits import frontier_of
    from harness.api.study import Study, compare, load_study

__all__ = ["Study", "compare", "frontier_of", "import_study", "launch", "load_study"]

_PLACES = {
    "Study": "study",
    "compare": "study",
    "frontier_of": "own_logits",
    "import_study": "importing",
    "launch": "launching",
    "load_study": "study",
}
"""The module of `harness.api` that holds each public name."""


def __getattr__(name: str) -> object:
    """A public name, imported when it is first used (PEP 562)."""
    if name not in _PLACES:
        raise AttributeError(f"module 'harness' has no attribute {name!r}")
    found: object = getattr(importlib.import_module(f"harness.api.{_PLACES[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
