"""Finds the plugins of installed packages."""

import importlib
import sys
from importlib import metadata
from typing import Any, List

from .errors import BadConfiguration

GROUPS = {
    "optimization": "doin.optimization",
    "inference": "doin.inference",
    "synthetic_data": "doin.synthetic_data",
}
"""The entry-point group of each part of a domain."""

REQUIRED = {
    "optimization": ("optimize",),
    "inference": ("evaluate",),
    "synthetic_data": ("generate",),
}
"""What a part must be able to do; everything else is optional."""


def names(part: str) -> List[str]:
    """What is installed for a part, by name."""
    return sorted({entry.name for entry in _entries(GROUPS[part])})


def load(part: str, name: str) -> Any:
    """A new plugin: ``name`` is an entry point's, or ``module:Class`` for code that is not a package.

    Raises :class:`BadConfiguration` that says what is there instead.
    """
    if ":" in name:
        module, _, attribute = name.partition(":")
        try:
            made = importlib.import_module(module)
            for step in attribute.split("."):
                made = getattr(made, step)
        except (ImportError, AttributeError) as error:
            raise BadConfiguration("the %s plugin %s cannot be loaded: %s" % (part, name, error)) from error
    else:
        entry = next((entry for entry in _entries(GROUPS[part]) if entry.name == name), None)
        if entry is None:
            raise BadConfiguration(
                "no installed package has the plugin %r in the group %s; there are: %s. Install the package for %s, or add its "
                "folder to `path` in the node's configuration"
                % (name, GROUPS[part], ", ".join(names(part)) or "none", sys.executable)
            )
        try:
            made = entry.load()
        except Exception as error:
            raise BadConfiguration("the %s plugin %s cannot be loaded: %r" % (part, name, error)) from error
    plugin = made() if callable(made) else made
    for method in REQUIRED[part]:
        if not callable(getattr(plugin, method, None)):
            raise BadConfiguration("the %s plugin %s has no method %s" % (part, name, method))
    return plugin


def _entries(group: str) -> List[Any]:
    found = metadata.entry_points()
    if hasattr(found, "select"):
        return list(found.select(group=group))
    # Python 3.9 gives a dict.
    return list(found.get(group, []))
