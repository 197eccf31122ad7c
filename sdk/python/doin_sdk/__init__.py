"""Write DOIN domains in Python.

A domain is up to three classes, each registered under an entry-point group of its package:

- ``doin.optimization``: searches for better parameters, see :class:`OptimizationPlugin`;
- ``doin.inference``: measures parameters and predicts with them, see :class:`InferencePlugin`;
- ``doin.synthetic_data``: makes the data that parameters are measured on, see :class:`SyntheticDataPlugin`.

The base classes are there for documentation and defaults: whatever has the methods will do.
"""

from .errors import BadInput, BadParameters, Cancelled, NoImprovement, PluginError, UnsupportedError
from .plugins import InferencePlugin, OptimizationPlugin, SyntheticDataPlugin
from .session import is_cancelled, progress

__version__ = "0.1.0"

__all__ = [
    "BadInput",
    "BadParameters",
    "Cancelled",
    "InferencePlugin",
    "NoImprovement",
    "OptimizationPlugin",
    "PluginError",
    "SyntheticDataPlugin",
    "UnsupportedError",
    "is_cancelled",
    "progress",
]
